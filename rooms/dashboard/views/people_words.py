"""What the pages about people say; `words` has them for the templates."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.messages.rules import MessageState
from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.people.rules.import_columns import Column
from rooms.people.rules.import_rows import Trouble
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

#: The headings of an exported list too: what is exported can be imported.
COLUMNS: Mapping[Column, str] = {
    Column.SKIPPED: _("Leave this out"),
    Column.NAME: _("Name"),
    Column.FIRST_NAME: _("First name"),
    Column.LAST_NAME: _("Last name"),
    Column.EMAIL: _("E-mail"),
    Column.PHONE: _("Phone"),
    Column.MOTHER_TONGUE: _("Mother tongue"),
    Column.LANGUAGES: _("Other languages"),
    Column.LEVEL: _("Norwegian"),
    Column.UI_LANGUAGE: _("Language of messages and pages"),
    Column.WAY: _("How they want messages"),
}

#: With `said` and `row` of an `import_rows.Problem`.
TROUBLES: Mapping[Trouble, str] = {
    Trouble.NO_NAME: _("The name is missing."),
    Trouble.LONG_NAME: _("The name is too long."),
    Trouble.BAD_EMAIL: _("«%(said)s» is not an e-mail address."),
    Trouble.BAD_PHONE: _("«%(said)s» is not a phone number."),
    Trouble.SAME_AS_ROW: _("The same e-mail or phone as row %(row)s."),
    Trouble.ON_THE_LIST: _("Somebody with this e-mail or phone is among your people."),
    Trouble.NAME_KNOWN: _("Somebody of this name is among your people."),
    Trouble.UNKNOWN_LANGUAGE: _("We do not know the language «%(said)s». It is left out."),
    Trouble.UNKNOWN_LEVEL: _("We do not know the level «%(said)s». It is left out."),
    Trouble.UNKNOWN_WAY: _("We do not know what «%(said)s» means for messages. They get e-mail."),
}

CONSENTS: Mapping[ConsentKind, str] = {
    ConsentKind.LISTED: _("We keep their name, contact and languages"),
    ConsentKind.MESSAGES: _("We send them invitations and reminders"),
    ConsentKind.PICTURES: _("Pictures of them may be shown"),
}

GIVEN_HOW: Mapping[GivenHow, str] = {
    GivenHow.SPOKEN: _("Spoken"),
    GivenHow.PAPER: _("On paper"),
    GivenHow.MESSAGE: _("In a message"),
}

MESSAGE_STATES: Mapping[MessageState, str] = {
    MessageState.DUE: _("Waits to be sent"),
    MessageState.SENDING: _("Is being sent"),
    MessageState.SENT: _("Sent"),
    MessageState.FAILED: _("Could not be sent"),
    MessageState.DROPPED: _("Was not needed any more"),
}

#: The heading of the column beside the rows that are left out.
LEFT_OUT_BECAUSE = _("What is wrong")

#: The heading of the last column of an exported list.
LAST_HERE = _("Was last here")

DONE: Mapping[str, str] = {
    "people-imported": _("The people are added. Nobody was sent anything."),
    "people-import-undone": _("Undone."),
    "consent-given": _("Their yes is noted."),
    "consent-withdrawn": _("It is noted that they took it back."),
    "remark-written": _("The remark is written down."),
    "remark-removed": _("The remark is removed."),
}
