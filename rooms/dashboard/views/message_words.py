"""What kinds of messages are called."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.messages.rules import Kind

KINDS: Mapping[Kind, str] = {
    Kind.INVITATION: _("Invitation"),
    Kind.CANCELLATION: _("That a session is cancelled"),
    Kind.CHANGE: _("That a session is moved"),
    Kind.REMINDER_DAY: _("Reminder, the day before"),
    Kind.REMINDER_HOUR: _("Reminder, an hour before"),
    Kind.GUIDE_BRIEFING: _("A guide's briefing"),
    Kind.OPEN_NOW: _("That the room is open"),
    Kind.POST: _("Information to many"),
    Kind.NEW_LINK: _("A new link"),
    Kind.SIGN_IN: _("A link to sign in"),
    Kind.DIGEST: _("The morning's overview, to coordinators"),
    Kind.USAGE_WARNING: _("That the budget runs out"),
}
