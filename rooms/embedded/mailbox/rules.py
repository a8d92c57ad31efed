"""What the sink answers to a message, by the name before the `@`: as a real mail server may, for tests to meet.

| recipient | answer |
|---|---|
| `bounce@…` | 550 at once, every time: there is no such mailbox |
| `later@…` | 451 the first time (grey-listing), taken the second time |
| `lost@…` | taken, but the connection breaks before the answer the first time; answered the second time |
| `slow@…`, `slow-20@…` | taken after 5 seconds, after 20 seconds |
| any other | taken |

`+something` after the name makes another recipient of the same behaviour: `later+7@example.org`.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_SLOW = re.compile(r"slow(?:-(\d{1,3}))?")
_DEFAULT_WAIT = 5


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one message for one recipient is dealt with. `refusal` is an SMTP answer; `wait` is in seconds."""

    refusal: str = ""
    wait: int = 0
    breaks_off: bool = False


def behaviour(recipient: str, seen_before: AbstractSet[str]) -> Behaviour:
    """What happens to a message for `recipient`; `seen_before` holds the recipients that were tried already."""
    name = recipient.partition("@")[0].partition("+")[0].lower()
    first_time = recipient not in seen_before
    if name == "bounce":
        return Behaviour(refusal="550 5.1.1 No such mailbox")
    if name == "later" and first_time:
        return Behaviour(refusal="451 4.7.1 Try again later")
    if name == "lost" and first_time:
        return Behaviour(breaks_off=True)
    if slow := _SLOW.fullmatch(name):
        return Behaviour(wait=int(slow[1] or _DEFAULT_WAIT))
    return Behaviour()
