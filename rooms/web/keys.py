"""What the application and each request carry, under typed keys."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from aiohttp import web
from redis.asyncio import Redis

from config.settings import Settings
from rooms.store.unit_of_work import Store, UnitOfWork

if TYPE_CHECKING:
    from rooms.web.pages import Pages


class Who(StrEnum):
    """The kinds of caller. A participant is whoever came by a personal link, a guide included."""

    NOBODY = "nobody"
    PARTICIPANT = "participant"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling, as their cookie proves. `language` is the person's own, when known."""

    who: Who
    centre_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    #: The personal link that was opened, and the browser that opened it; participants only.
    link_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    language: str | None = None

    @property
    def centre(self) -> uuid.UUID:
        """The caller's centre. Only for callers that have one: a guard has seen to it."""
        if self.centre_id is None:
            raise LookupError("nobody has no centre")
        return self.centre_id

    @property
    def person(self) -> uuid.UUID:
        """The caller's person. Only for callers that are one."""
        if self.person_id is None:
            raise LookupError("nobody is no person")
        return self.person_id


NOBODY = Identity(Who.NOBODY)

Identify = Callable[[web.Request], Awaitable[Identity]]
HeaderValue = str

SETTINGS = web.AppKey("settings", Settings)
STORE = web.AppKey("store", Store)
REDIS = web.AppKey("redis", Redis)
PAGES: web.AppKey[Pages] = web.AppKey("pages")
#: Finds out who calls; set by `rooms.access`, which lies above this kit.
IDENTIFY = web.AppKey[Identify]("identify")

IDENTITY = web.RequestKey("identity", Identity)
LANGUAGE = web.RequestKey("language", str)
REQUEST_ID = web.RequestKey("request_id", str)
#: The random cookie that this request's CSRF tokens are made from.
CSRF = web.RequestKey("csrf", str)
WORK = web.RequestKey("work", UnitOfWork)
