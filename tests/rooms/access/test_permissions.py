"""The table of permissions, pinned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.access.rules.permissions import Action, Role, may, roles
from rooms.people.rules.roles import StaffRole

ALLOWED = {
    Action.DEVICE_LET_IN: {Role.GUIDE, Role.COORDINATOR},
    Action.STRANGER_DECIDE: {Role.GUIDE, Role.COORDINATOR},
}


@pytest.mark.parametrize(("action", "allowed"), ALLOWED.items(), ids=[str(action) for action in ALLOWED])
def test_who_may(action: Action, allowed: set[Role]) -> None:
    assert {role for role in Role if may({role}, action)} == allowed


def test_every_action_is_pinned_above_and_nobody_may_nothing() -> None:
    assert set(Action) == set(ALLOWED)
    assert not any(may((), action) for action in Action)


@given(st.booleans(), st.none() | st.sampled_from(StaffRole))
def test_whoever_has_left_has_no_role(is_guide: bool, staff_role: StaffRole | None) -> None:
    assert roles(is_guide=is_guide, staff_role=staff_role, has_left=True) == frozenset()
    assert Role.PARTICIPANT in roles(is_guide=is_guide, staff_role=staff_role, has_left=False)


def test_roles_follow_from_facts() -> None:
    assert roles(is_guide=True, staff_role=None, has_left=False) == {Role.PARTICIPANT, Role.GUIDE}
    assert Role.COORDINATOR in roles(is_guide=False, staff_role=StaffRole.COORDINATOR, has_left=False)
