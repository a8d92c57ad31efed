"""A round of a breakout, as its person's page shows it: which group, with whom, for how long."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from config import i18n
from config.i18n import marked as _
from rooms.join.views.answer import first_name
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.seating.rules.seat import Turn
from rooms.seating.service.turns import GroupNow

#: Why somebody is in another group than a moment ago, where that needs a word.
_REASONS = {
    GroupSeatReason.LATE: _("We have found a group for you."),
    GroupSeatReason.MENDED: _("A group had become small. Now you are more people together."),
    GroupSeatReason.MOVED: _("You have a new group."),
}


def turn_as_json(turn: Turn, group: GroupNow | None, person_id: object, language: str, now: datetime) -> dict[str, Any]:
    """The part `turn` of the answer: spans in seconds, texts in the page's language.

    `group` is null for whoever is in the big room while the others are in groups.
    """
    on = turn.is_on(now)
    answer: dict[str, Any] = {
        "on": on,
        "closing": turn.is_closing(now),
        "starts_in": round((turn.starts_at - now).total_seconds(), 1),
        "ends_in": round((turn.ends_at - now).total_seconds(), 1),
        "group": None,
    }
    if on and group is not None and group.in_room:
        name = group_name(group.name, group.number, language)
        others = tuple(
            sorted((not is_guide, first_name(name)) for other, name, is_guide in group.people if other != person_id)
        )
        answer["group"] = {
            "id": str(group.id),
            "name": name,
            "where": where(name, with_whom(others, language), language),
            "why": i18n.gettext(language, _REASONS[group.reason]) if group.reason in _REASONS else "",
            "hand": group.hand_at is not None,
        }
    return answer


def where(name: str, others: str, language: str) -> str:
    """Where somebody is, and with whom, in one sentence."""
    if not others:
        return i18n.gettext(language, "You are in %(group)s. The others are on their way.", group=name)
    return i18n.gettext(language, "You are in %(group)s, with %(names)s.", group=name, names=others)


@lru_cache(maxsize=4096)
def group_name(name: str | None, number: int, language: str) -> str:
    """What a group is called: by its coordinator, or by its number."""
    return name or i18n.gettext(language, "Group %(number)s", number=number)


@lru_cache(maxsize=4096)
def with_whom(others: Sequence[tuple[bool, str]], language: str) -> str:
    """First names as a sentence lists them, guides first and named so. Empty for nobody."""
    names = [name if not_guide else i18n.gettext(language, "%(name)s (guide)", name=name) for not_guide, name in others]
    return i18n.listed(names, language)
