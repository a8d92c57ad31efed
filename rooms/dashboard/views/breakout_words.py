"""What breakouts' states and choices are called; `words` has them for the templates."""

from collections.abc import Mapping

from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.score import Rule
from rooms.breakout.rules.timing import BreakoutState


def _marker(text: str) -> str:
    return text


_ = _marker

MODES: Mapping[Mode, str] = {
    Mode.PRACTICE: _("Practise Norwegian: mother tongues mixed"),
    Mode.OWN_LANGUAGE: _("Own language: people who share one"),
    Mode.FREE: _("Free choice: participants walk to tables"),
}

LEVELS_TOGETHER: Mapping[Levels, str] = {
    Levels.MIX: _("Mixed in each group"),
    Levels.SAME: _("As alike as possible"),
}

BREAKOUT_STATES: Mapping[BreakoutState, str] = {
    BreakoutState.DRAFT: _("Not begun"),
    BreakoutState.OPEN: _("Between rounds"),
    BreakoutState.RUNNING: _("In groups"),
    BreakoutState.CLOSING: _("On the way back"),
    BreakoutState.CLOSED: _("Over"),
}

#: What a plan could not meet, in words for a coordinator.
UNMET: Mapping[str, str] = {
    Rule.PLACED: _("%(names)s: fits in no group and stays in the big room."),
    Rule.ONCE: _("%(names)s: in two groups."),
    Rule.APART: _("%(names)s: kept apart, and in one group."),
    Rule.SAFE: _("%(names)s: may not sit together."),
    Rule.SIZE: _("%(names)s: a group of %(count)s."),
    Rule.ROOMS: _("There are %(count)s groups more than rooms."),
    Rule.TOGETHER: _("%(names)s: could not be kept together."),
    Rule.NEWCOMER_GUIDE: _("%(names)s: is new, and no guide was free."),
    Rule.GROUP_GUIDE: _("%(names)s: a group without a guide."),
    Rule.NEWCOMER_LANGUAGE: _("%(names)s: is new, and no guide in the group speaks a language of theirs."),
    Rule.MET_BEFORE: _("%(names)s: have met before (%(count)s)."),
}

DONE: Mapping[str, str] = {
    "breakout-planned": _("The groups are made. Look at them, and move whom you like."),
    "breakout-opened": _("Everybody is on the way to their group."),
    "breakout-rooms-missing": _("The groups have begun. Some have no room yet; their people stay in the big room."),
    "breakout-not-now": _("The session is not open, so nobody can be moved."),
    "breakout-too-few": _("It takes at least two people to make groups."),
    "breakout-stopped": _("Everybody is told, and comes back."),
    "breakout-next": _("Everybody is told, and goes on to the next round."),
    "breakout-over": _("The groups are over already."),
    "breakout-forgotten": _("There will be no group conversations."),
    "moved": _("Moved."),
    "group-gone": _("That has changed meanwhile. Look at the groups again."),
    "group-full": _("There is no place in that group."),
    "kept-apart": _("Somebody in that group may not sit with this person. Nobody was moved."),
    "said": _("It is shown in the groups now."),
    "nothing-to-say": _("Choose a message, or write one of at most 200 characters."),
}
