"""What breakouts' states and choices are called; `words` has them for the templates."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.timing import BreakoutState

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
