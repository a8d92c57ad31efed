"""Signalling messages between a room's page and the server: types and validation; see `docs/room-protocol.md`.

What a browser sends is bounded in size and shape; whom it comes from is never taken from it.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

#: Bytes of one message. The answer to an offer with 24 voices and 12 pictures is some 60 kB.
MOST_BYTES = 256 * 1024
#: Pictures on one page of an XL room.
MOST_WATCHED = 12
#: Messages of one client in ten seconds. Joining a room of six sends about 150.
MOST_IN_TEN_SECONDS = 400


_NOT_IN_NAMES = re.compile(r"[$!<>:;\x00-\x1f]")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


class _Message(BaseModel):
    """`n` numbers what a page sends from inside, so that nothing is lost or done twice over a broken connection."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    n: int | None = Field(None, ge=1, lt=2**53)


class Hello(_Message):
    """The first message: who comes, with what key; or back by what secret, having seen messages up to `seen`.

    What stands in a room's address is not refused for its form: a name that is too long is cut.
    """

    t: Literal["hello"]
    name: str = ""
    external_id: str | None = None
    metadata: str | None = None
    key: str | None = Field(None, max_length=200)
    resume: str | None = Field(None, max_length=200)
    seen: int = Field(0, ge=0, lt=2**53)
    audio: bool = False
    video: bool = False

    @field_validator("name")
    @classmethod
    def _as_names_may_be(cls, value: str) -> str:
        return _NOT_IN_NAMES.sub("", value).strip()[:100]

    @field_validator("external_id")
    @classmethod
    def _known_form_or_none(cls, value: str | None) -> str | None:
        return value if value is not None and _EXTERNAL_ID.fullmatch(value) else None

    @field_validator("metadata")
    @classmethod
    def _cut(cls, value: str | None) -> str | None:
        return value[:500] if value is not None else None


class Signal(_Message):
    """A description or candidate for one other client. The server does not read it."""

    t: Literal["signal"]
    to: str = Field(max_length=40)
    data: dict[str, Any]


class Media(_Message):
    """Whether microphone and camera are on."""

    t: Literal["media"]
    audio: bool
    video: bool


class Knock(_Message):
    """Please let me in; or never mind."""

    t: Literal["knock", "cancel_knock"]


class Decide(_Message):
    """A host's answer to somebody who knocks."""

    t: Literal["admit", "reject"]
    id: str = Field(max_length=40)


class Go(_Message):
    """Leaving; or, by a host, ending it for all."""

    t: Literal["leave", "end"]


class Ping(_Message):
    """Are you there? Browsers' scripts cannot see the WebSocket's own pings. `seen` as in Hello."""

    t: Literal["ping"]
    seen: int = Field(0, ge=0, lt=2**53)


class _Offered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    sdp: str


class SessionOffer(_Offered):
    """WebRTC's description of what one side would send."""

    type: Literal["offer"]


class SessionAnswer(_Offered):
    """The other side's yes."""

    type: Literal["answer"]


class Connect(_Message):
    """To the SFU, by the ticket that this connection was given."""

    t: Literal["connect"]
    ticket: str = Field(max_length=100)


class Publish(_Message):
    """Our own sound and picture for the SFU."""

    t: Literal["publish"]
    description: SessionOffer


class Answer(_Message):
    """Yes to what the SFU offered to send."""

    t: Literal["answer"]
    description: SessionAnswer


class Trickle(_Message):
    """A candidate of one of our two ways to the SFU; None for the end of them."""

    t: Literal["trickle"]
    way: Literal["send", "receive"]
    candidate: dict[str, Any] | None = None


class Watch(_Message):
    """Whose pictures this page shows, and which of them large."""

    t: Literal["watch"]
    ids: tuple[Annotated[str, Field(max_length=40)], ...] = Field(max_length=MOST_WATCHED)
    large: tuple[Annotated[str, Field(max_length=40)], ...] = Field((), max_length=MOST_WATCHED)


class Renew(_Message):
    """Our ways to the SFU are broken: we would like to begin anew."""

    t: Literal["renew"]


SfuMessage = Connect | Publish | Answer | Trickle | Watch | Renew
ClientMessage = Hello | Signal | Media | Knock | Decide | Go | Ping | SfuMessage
_ADAPTER: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="t")])


class BadMessage(Exception):
    """Not a message of this protocol."""


def read(text: str) -> ClientMessage:
    """A message from a browser. Raises BadMessage."""
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError:
        raise BadMessage from None
