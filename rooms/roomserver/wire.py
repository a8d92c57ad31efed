"""Signalling messages between a room's page and the server: types and validation; see `docs/room-protocol.md`.

What a browser sends is bounded in size and shape; whom it comes from is never taken from it.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

#: Bytes of one message. An offer with many candidates is some 10 kB.
MOST_BYTES = 64 * 1024
#: Messages of one client in ten seconds. Joining a room of six sends about 150.
MOST_IN_TEN_SECONDS = 400


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Hello(_Message):
    """The first message: who comes, with what key, or back by what secret."""

    t: Literal["hello"]
    name: str = Field("", max_length=100)
    external_id: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,36}$")
    metadata: str | None = Field(None, max_length=500)
    key: str | None = Field(None, max_length=200)
    resume: str | None = Field(None, max_length=200)
    audio: bool = False
    video: bool = False


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


ClientMessage = Hello | Signal | Media | Knock | Decide | Go
_ADAPTER: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="t")])


class BadMessage(Exception):
    """Not a message of this protocol."""


def read(text: str) -> ClientMessage:
    """A message from a browser. Raises BadMessage."""
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError:
        raise BadMessage from None
