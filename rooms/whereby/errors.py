"""What can go wrong with the room provider.

ProviderError               `permanent`: trying the same again cannot help
├── KeyRefused              401: the API key is wrong or was revoked; permanent
├── NotAllowed              403: the plan does not include this; permanent
├── NoSuchMeeting           404: deleted, or never there; permanent
├── BadRequest              400 and other 4xx: we sent nonsense; permanent
├── TooFast                 429: `seconds` until the next try
├── ProviderDown            5xx, a broken connection, no answer in time, or an answer that makes no sense
└── BudgetExhausted         our own count of points says to wait `seconds`, longer than the caller would; or no count
"""


class ProviderError(Exception):
    """Something went wrong with the room provider. Texts hold a status at most: never an address or a key."""

    permanent = False
    #: Set where a room may have been made although there was no good answer.
    maybe_made = False


class KeyRefused(ProviderError):
    """401: the API key is wrong or was revoked."""

    permanent = True


class NotAllowed(ProviderError):
    """403: the plan does not include this."""

    permanent = True


class NoSuchMeeting(ProviderError):
    """404: deleted, or never there."""

    permanent = True


class BadRequest(ProviderError):
    """400 or another 4xx: what was sent cannot be understood."""

    permanent = True


class TooFast(ProviderError):
    """429. `seconds` until the provider wants to hear from the organisation again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("429")
        self.seconds = seconds


class ProviderDown(ProviderError):
    """5xx, a broken connection, no answer in time, or an answer that makes no sense.

    What was asked may have been done all the same.
    """


class BudgetExhausted(ProviderError):
    """The organisation's points for this minute are spent, or cannot be counted. `seconds` until a new try."""

    def __init__(self, seconds: float) -> None:
        super().__init__("no points left")
        self.seconds = seconds
