"""One message rather than four, when several of somebody's meetings are new, moved or cancelled at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rooms.messages.rules import TOGETHER
from workers.letters import Letter


def together(letters: Sequence[Letter]) -> list[Letter]:
    """The letters, with those that speak of one person's meetings in the first of them: it says all, in time's order.

    Of each meeting it says the latest. Those that need not be sent stay alone.
    """
    about: dict[object, list[Letter]] = defaultdict(list)
    for letter in letters:
        message = letter.message
        joins = letter.facts is not None and message.kind in TOGETHER
        about[(message.person_id, message.channel) if joins else message.id].append(letter)
    return [_one(theirs) for theirs in about.values()]


def _one(letters: Sequence[Letter]) -> Letter:
    if len(letters) == 1:
        return letters[0]
    # As the queue has them: after a crash the same one is first, and gives the e-mail its Message-ID.
    first, *others = sorted(letters, key=lambda one: (one.message.created_at, one.message.id))
    latest = {one.message.cause_id: one for one in (first, *others)}
    said = sorted(latest.values(), key=_starts_at)
    facts = [{**(one.facts or {}), "kind": one.message.kind} for one in said]
    links = [fact["link"] for fact in facts if "link" in fact]
    shared = {name: facts[0][name] for name in ("name", "centre_name", "centre_phone", "starts_at")}
    return replace(
        first,
        facts={**shared, "items": facts, "link": links[0] if links else None},
        appointments=tuple(appointment for one in said for appointment in one.appointments),
        others=tuple(one.message for one in others),
    )


def _starts_at(letter: Letter) -> datetime:
    starts_at = (letter.facts or {})["starts_at"]
    if not isinstance(starts_at, datetime):
        raise TypeError("a meeting starts at some time")
    return starts_at
