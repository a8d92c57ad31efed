"""What people are asked to say yes to."""

from enum import StrEnum


class ConsentKind(StrEnum):
    """A yes of its own for each, which can be taken back on its own."""

    #: Their name, ways of contact and languages stand in the centre's list.
    LISTED = "listed"
    #: Invitations and reminders are sent to them. Taken back, nothing is sent any more.
    MESSAGES = "messages"
    #: Pictures on which they can be recognised may be shown.
    PICTURES = "pictures"


class GivenHow(StrEnum):
    """How they said it."""

    SPOKEN = "spoken"
    PAPER = "paper"
    MESSAGE = "message"
