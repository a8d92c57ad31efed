"""Who may do what, in one table. Only what differs between roles has a line here.

Which pages somebody may open is said at each route (`rooms.web.guard`); this table is about acts that people of several
roles can do from their own pages.
"""

from collections.abc import Collection
from enum import StrEnum

from rooms.people.rules.roles import StaffRole


class Role(StrEnum):
    """What a person is to their centre; somebody may be several at once."""

    PARTICIPANT = "participant"
    GUIDE = "guide"
    COORDINATOR = "coordinator"


class Action(StrEnum):
    """`thing.act`."""

    DEVICE_LET_IN = "device.let_in"
    #: Guides only in sessions to which they are invited.
    STRANGER_DECIDE = "stranger.decide"


_MAY: dict[Action, frozenset[Role]] = {
    Action.DEVICE_LET_IN: frozenset({Role.GUIDE, Role.COORDINATOR}),
    Action.STRANGER_DECIDE: frozenset({Role.GUIDE, Role.COORDINATOR}),
}


def roles(*, is_guide: bool, staff_role: StaffRole | None, has_left: bool) -> frozenset[Role]:
    """The roles that a person's facts give them. Whoever has left has none."""
    if has_left:
        return frozenset()
    held = {Role.PARTICIPANT}
    if is_guide:
        held.add(Role.GUIDE)
    if staff_role is StaffRole.COORDINATOR:
        held.add(Role.COORDINATOR)
    return frozenset(held)


def may(held: Collection[Role], action: Action) -> bool:
    """Whether one of these roles allows it."""
    return not _MAY[action].isdisjoint(held)
