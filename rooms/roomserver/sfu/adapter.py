"""What a selective forwarding unit must do for `group` rooms to hold more people than a mesh can carry.

The room server decides who may come in, who sends a picture and what each page receives, and it relays all signalling;
the browser never speaks to the SFU by itself. A person has two ways: one to send on, one to receive all the others on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

#: WebRTC's word for an offer or answer: `{"type": …, "sdp": …}`.
Description = Mapping[str, Any]
Kind = Literal["audio", "video"]
Way = Literal["send", "receive"]


class Refused(Exception):
    """The SFU is there and said no."""


class Vanished(Refused):
    """One of those asked for has just gone."""


@dataclass(frozen=True, slots=True)
class Source:
    """One person's sound or picture."""

    client_id: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Wish:
    """A source that a page is to receive; `small`: the smaller of two pictures will do."""

    source: Source
    small: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page is to receive from now on: the description to answer, and whose each of its media lines is."""

    description: Description
    sources: Mapping[str, Source]


class Listener(Protocol):
    """Who is told what happens in the SFU. None of these waits."""

    def began(self) -> None:
        """The SFU is there, and knows of no room: it was started, or started again."""

    def lost(self) -> None:
        """The SFU has gone, and with it everybody's sound and picture."""

    def is_sending(self, room_id: str, client_id: str) -> None:
        """Somebody's way out stands: the others can receive it."""

    def talks(self, room_id: str, client_id: str) -> None:
        """Somebody began to speak."""

    def broke(self, room_id: str, client_id: str) -> None:
        """One of somebody's ways has broken."""


class Sfu(Protocol):
    """One SFU process. Its methods raise OSError when it is away or does not answer, and Refused when it says no."""

    @property
    def is_ready(self) -> bool:
        """Whether rooms can be made in it; a short absence does not count."""

    @property
    def problem(self) -> str | None:
        """Why it is not ready, in plain English for whoever runs the server."""

    async def run(self) -> None:
        """Keep the connection to the SFU, for ever. Cancel it to stop."""

    async def open_room(self, room_id: str) -> None:
        """Make a room. Harmless when it is there."""

    async def expect(self, room_id: str, token: str) -> None:
        """Let in whoever comes with this token, once."""

    async def join(self, room_id: str, client_id: str, token: str) -> None:
        """Bring somebody in. Raises Refused for a token that is not expected."""

    async def publish(self, room_id: str, client_id: str, offer: Description) -> Description:
        """Answer somebody's offer of their own sound and picture."""

    async def subscribe(self, room_id: str, client_id: str, wishes: Sequence[Wish]) -> Offer | None:
        """Make these what somebody receives; None when nothing has to be negotiated for it.

        The page's answer has to be given with `answer` before the next call for the same person. Raises Vanished, and
        changes nothing, when one of the sources is gone.
        """

    async def answer(self, room_id: str, client_id: str, answer: Description) -> None:
        """Hand on the answer to the last offer."""

    async def trickle(self, room_id: str, client_id: str, way: Way, candidate: Mapping[str, Any] | None) -> None:
        """Hand on a candidate; None for the end of them."""

    async def remove(self, room_id: str, client_id: str) -> None:
        """Throw somebody out. Harmless when they are gone."""

    async def close_room(self, room_id: str) -> None:
        """Throw everybody out and forget the room. Harmless when it is gone."""
