"""What the pages about people say; `words` has them for the templates."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.seating.rules.wanted import Reached, Seen

REACHED: Mapping[Reached, str] = {
    Reached.EMAIL: _("By e-mail"),
    Reached.SMS: _("By SMS"),
    Reached.UNWANTED: _("They want no messages"),
    Reached.NO_WAY: _("No e-mail and no phone"),
}

SEEN: Mapping[Seen, str] = {
    Seen.RECENTLY: _("In the last 7 days"),
    Seen.LATELY: _("In the last 30 days"),
    Seen.NOT_LATELY: _("Longer ago than 30 days"),
    Seen.NEVER: _("Never"),
}

DONE: Mapping[str, str] = {}
