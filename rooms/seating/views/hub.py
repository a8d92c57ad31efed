"""This process's open sockets, and what comes in from Redis for them.

A wake-up says only "ask again". A slow page therefore needs no queue: what it has not been told yet is a set of topics.
"""

import asyncio
import contextlib
import json
import random
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from config import clock
from rooms.seating.service.presence import still_here
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import SEATS, session_topic
from rooms.web.keys import REDIS, STORE

log = structlog.get_logger(__name__)

#: Seconds.
HEARTBEAT = 20
_LISTEN = 5
_SPREAD = 10
_SOON = 2
_SEND = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Whose page it is, by which link it was opened, and what it speaks. Coordinators' pages have no link."""

    person_id: uuid.UUID
    link_id: uuid.UUID | None
    language: str


#: Finds out what to tell pages of a session whose seats have changed: by their stays. Pages that it leaves out ask.
SeatsOf = Callable[[uuid.UUID, Mapping[uuid.UUID, Page]], Awaitable[Mapping[uuid.UUID, dict[str, Any]]]]


class Socket:
    """One page's open socket. `stay`: the stay in a room that the page keeps alive by being there."""

    def __init__(self, ws: web.WebSocketResponse, page: Page) -> None:
        self.page = page
        self.stay: uuid.UUID | None = None
        self.topics: frozenset[str] = frozenset()
        self._ws = ws
        self._pending: set[str] = set()
        self._spread = 0
        self._seat: dict[str, Any] | None = None
        self._news = asyncio.Event()

    def seat(self, message: dict[str, Any]) -> None:
        """Tell the page where its person sits now. Never waits; of several the last one counts."""
        self._seat = message
        self._news.set()

    def tell(self, topics: Iterable[str], *, spread: int = 0) -> None:
        """Have the page ask again, some time within `spread` seconds. Never waits; repeats melt together."""
        self._pending.update(topics)
        self._spread = max(self._spread, spread)
        self._news.set()

    async def write(self) -> None:
        """Send what there is to tell, until the socket closes. A page that takes nothing for ten seconds is let go."""
        while True:
            await self._news.wait()
            self._news.clear()
            messages: list[dict[str, Any]] = [self._seat] if self._seat is not None else []
            if self._pending or self._spread:
                messages.append({"type": "changed", "topics": sorted(self._pending), "spread": self._spread})
            self._seat = None
            self._pending.clear()
            self._spread = 0
            try:
                async with asyncio.timeout(_SEND):
                    for message in messages:
                        await self._ws.send_json(message)
            except (TimeoutError, ConnectionError):
                await self.close(code=1013)
                return

    async def answer(self, message: dict[str, str]) -> None:
        """Answer something that the page said."""
        await self._ws.send_json(message)

    async def close(self, code: int) -> None:
        """Close it; a page comes back elsewhere."""
        await self._ws.close(code=code, drain=False)


class Hub:
    """Who follows what in this process."""

    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store
        self._sockets: set[Socket] = set()
        self._followers: defaultdict[str, set[Socket]] = defaultdict(set)
        #: Set by whoever knows what pages show. Without it pages ask.
        self.seats_of: SeatsOf | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._listening = asyncio.Event()

    async def until_listening(self) -> None:
        """Wait until wake-ups are heard, so that a page which is told so misses none; not for long if Redis is away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SOON):
                await self._listening.wait()

    def add(self, socket: Socket) -> None:
        """Know a socket from now on."""
        self._sockets.add(socket)

    def follow(self, socket: Socket, topics: Iterable[str]) -> None:
        """Have a socket follow exactly these topics."""
        for topic in socket.topics:
            self._followers[topic].discard(socket)
            if not self._followers[topic]:
                del self._followers[topic]
        socket.topics = frozenset(topics)
        for topic in socket.topics:
            self._followers[topic].add(socket)

    def remove(self, socket: Socket) -> None:
        """Forget a socket."""
        self.follow(socket, ())
        self._sockets.discard(socket)

    def tell(self, topics: Iterable[str]) -> None:
        """Tell those who follow one of the topics."""
        for topic in topics:
            if topic.startswith(SEATS):
                self._seats_changed(uuid.UUID(topic.removeprefix(SEATS)))
                continue
            for socket in self._followers.get(topic, ()):
                socket.tell((topic,))

    def _seats_changed(self, session_id: uuid.UUID) -> None:
        """Tell those in a room their new seats at once; have the others ask, waiting pages one after the other."""
        topic = session_topic(session_id)
        inside = {}
        for socket in self._followers.get(topic, ()):
            if socket.page.link_id is None:
                socket.tell((topic,))
            elif socket.stay is None or socket.stay in inside or self.seats_of is None:
                socket.tell((topic,), spread=_SOON)
            else:
                inside[socket.stay] = socket
        if inside and self.seats_of is not None:
            task = asyncio.create_task(self._tell_seats(self.seats_of, session_id, inside))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell_seats(self, seats_of: SeatsOf, session_id: uuid.UUID, inside: Mapping[uuid.UUID, Socket]) -> None:
        try:
            told = await seats_of(session_id, {stay: socket.page for stay, socket in inside.items()})
        except Exception as error:  # noqa: BLE001 - the pages ask instead; the database may be away
            log.warning("seats not told", error=type(error).__name__)
            told = {}
        for stay, socket in inside.items():
            if stay in told:
                socket.seat(told[stay])
            else:
                socket.tell((session_topic(session_id),), spread=_SOON)

    async def listen(self) -> None:
        """Pass Redis's wake-ups on, for ever. When Redis was away all pages ask, since something may be lost."""
        was_away = False
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(LIVE_CHANNEL)
                    while await pubsub.get_message(timeout=_LISTEN) is None:
                        pass  # the first that comes is Redis's word that it has subscribed us
                    self._listening.set()
                    if was_away:
                        for socket in self._sockets:
                            socket.tell((), spread=_SPREAD)
                    was_away = False
                    await self._pass_on(pubsub)
            except (RedisError, OSError) as error:
                self._listening.clear()
                if not was_away:
                    log.warning("wake-ups interrupted", error=type(error).__name__)
                was_away = True
                await asyncio.sleep(random.uniform(0.2, 1))  # noqa: S311 - spreads processes, guards nothing

    async def _pass_on(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=_LISTEN)
            if message is None:
                continue
            try:
                topics = json.loads(message["data"])
            except ValueError:
                continue
            self.tell(topic for topic in topics if isinstance(topic, str))

    async def keep_stays_alive(self) -> None:
        """Every twenty seconds, say of all pages of this process that they are there."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self.heartbeat()

    async def heartbeat(self) -> None:
        """Say it once. What fails now is said again in twenty seconds; stays wait for sixty."""
        stays = {socket.stay: socket.page.person_id for socket in self._sockets if socket.stay is not None}
        try:
            async with self._store.work(AllCentres("the pages of this process, whichever centre they are of")) as work:
                await still_here(work, stays, clock.now())
        except Exception as error:  # noqa: BLE001 - a task that must go on; the database may be away
            log.warning("heartbeat lost", error=type(error).__name__)

    async def close_all(self, _app: web.Application | None = None) -> None:
        """This process stops: pages reconnect elsewhere (1001), each after a time of its own."""
        await asyncio.gather(*(socket.close(1001) for socket in list(self._sockets)), return_exceptions=True)


HUB = web.AppKey("hub", Hub)


def install(app: web.Application) -> None:
    """Give the application its hub. The store and Redis have to be opened by an earlier cleanup context."""
    app.cleanup_ctx.append(_run)
    app.on_shutdown.append(_close)


async def _run(app: web.Application) -> AsyncIterator[None]:
    app[HUB] = hub = Hub(app[REDIS], app[STORE])
    tasks = [asyncio.create_task(hub.listen()), asyncio.create_task(hub.keep_stays_alive())]
    yield
    await _stop(tasks)


async def _stop(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until they are done: a library may take one cancellation for the end of a wait of its own."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


async def _close(app: web.Application) -> None:
    await app[HUB].close_all()
