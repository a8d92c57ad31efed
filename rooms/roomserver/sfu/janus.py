"""Janus's VideoRoom as our SFU: a publisher handle and a subscriber handle for each person, all in one session.

One Janus serves one room server: rooms that are there when a session begins are an earlier life's, and removed. A
room's secret follows from Janus's admin key and the room's id, so that a new life can still remove it.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from rooms.roomserver.sfu.adapter import Description, Kind, Listener, Offer, Refused, Source, Vanished, Way, Wish
from rooms.roomserver.sfu.janus_link import JanusRefused, Link, Message
from rooms.roomserver.sfu.trial import try_out

log = structlog.get_logger(__name__)

#: Seconds of absence after which Janus counts as not there: a restart takes two.
_ABSENCE = 20
_NO_SUCH_ROOM, _ROOM_EXISTS, _NO_SUCH_FEED, _CANNOT_CONNECT = 426, 427, 428, 490
#: Levels are -dBov, 127 for silence: speech with its pauses is louder than 50 on average. 25 packets are half a second.
_ROOM = {
    "is_private": True,
    "publishers": 1000,
    "bitrate": 800_000,
    "require_pvtid": True,
    "audiolevel_event": True,
    "audio_active_packets": 25,
    "audio_level_average": 50,
    "opus_dtx": True,
    "opus_fec": True,
    "videocodec": "vp8",
}


@dataclass
class _Person:
    """Somebody's handles. `sent` is the media line of each kind on the way in, `received` whose each one out is.

    `heard_from` is the handle that each of `received` came from: somebody who begins anew is another one to Janus.
    """

    publisher: int
    private_id: int = 0
    subscriber: int | None = None
    sent: dict[Kind, str] = field(default_factory=dict)
    received: dict[str, Source] = field(default_factory=dict)
    heard_from: dict[str, int] = field(default_factory=dict)
    small: dict[str, bool] = field(default_factory=dict)


class JanusSfu:
    """See `Sfu`. `address`, `secret` and `admin_key` are as in Janus's configuration."""

    def __init__(self, address: str, secret: str, admin_key: str, listener: Listener) -> None:
        self._admin_key = admin_key
        self._listener = listener
        self._link = Link(address, secret, began=self._begin, lost=self._lost, told=self._told)
        self._control = 0
        self._people: dict[tuple[str, str], _Person] = {}
        self._handles: dict[int, tuple[str, str]] = {}
        self._here = False
        self._last_here: float | None = None
        self._problem: str | None = "Janus has not answered yet"

    async def run(self) -> None:
        """Keep the connection to Janus, for ever. Cancel it to stop."""
        await self._link.run()

    @property
    def is_ready(self) -> bool:
        """See `Sfu`."""
        return self._here or (self._last_here is not None and time.monotonic() - self._last_here < _ABSENCE)

    @property
    def problem(self) -> str | None:
        """See `Sfu`."""
        return None if self.is_ready else self._problem

    async def open_room(self, room_id: str) -> None:
        """See `Sfu`."""
        body = {"request": "create", "room": room_id, "secret": self._secret(room_id), "admin_key": self._admin_key}
        try:
            await self._ask(self._control, {**body, **_ROOM, "allowed": []})
        except JanusRefused as error:
            if error.code != _ROOM_EXISTS:
                raise

    async def expect(self, room_id: str, token: str) -> None:
        """See `Sfu`."""
        await self._allow("add", room_id, token)

    async def join(self, room_id: str, client_id: str, token: str) -> None:
        """See `Sfu`."""
        handle = await self._link.attach()
        self._handles[handle] = room_id, client_id
        person = self._people[room_id, client_id] = _Person(handle)
        body = {"request": "join", "ptype": "publisher", "room": room_id, "id": client_id, "token": token}
        person.private_id = (await self._ask(handle, body))["data"]["private_id"]
        await self._allow("remove", room_id, token)

    async def publish(self, room_id: str, client_id: str, offer: Description) -> Description:
        """See `Sfu`."""
        person = self._person(room_id, client_id)
        answer = await self._ask(person.publisher, {"request": "publish"}, offer)
        person.sent = {stream["type"]: stream["mid"] for stream in answer["data"]["streams"]}
        return _description(answer)

    async def subscribe(self, room_id: str, client_id: str, wishes: Sequence[Wish]) -> Offer | None:
        """See `Sfu`."""
        person = self._person(room_id, client_id)
        wanted = {wish.source: wish for wish in wishes if self._mid_of(room_id, wish.source) is not None}
        # What its sender took away needs no word to Janus: the line is used again for the next.
        person.received = {
            mid: source
            for mid, source in person.received.items()
            if self._publisher_of(room_id, source) == person.heard_from[mid]
        }
        more = [
            {"feed": source.client_id, "mid": self._mid_of(room_id, source)} | _substream(wish)
            for source, wish in wanted.items()
            if source not in person.received.values()
        ]
        less = [{"sub_mid": mid} for mid, source in person.received.items() if source not in wanted]
        answer = await self._negotiate(room_id, client_id, person, more, less)
        await self._resize(person, wanted)
        if answer is None or "jsep" not in answer:
            return None
        return Offer(_description(answer), dict(person.received))

    async def _negotiate(
        self, room_id: str, client_id: str, person: _Person, more: list[Message], less: list[Message]
    ) -> Message | None:
        if not more and not less:
            return None
        try:
            if person.subscriber is None:
                answer = await self._receive_first(room_id, client_id, person, more)
            else:
                changes = {name: lines for name, lines in (("subscribe", more), ("unsubscribe", less)) if lines}
                answer = await self._ask(person.subscriber, {"request": "update", **changes})
        except JanusRefused as error:
            if error.code == _NO_SUCH_FEED:
                raise Vanished(str(error)) from None
            raise
        person.received = {
            stream["mid"]: Source(stream["feed_id"], stream["type"])
            for stream in answer["data"].get("streams", [])
            if stream.get("active", True) and "feed_id" in stream
        }
        person.heard_from = {mid: self._publisher_of(room_id, source) or 0 for mid, source in person.received.items()}
        return answer

    async def _receive_first(self, room_id: str, client_id: str, person: _Person, streams: list[Message]) -> Message:
        handle = await self._link.attach()
        self._handles[handle] = room_id, client_id
        body = {"request": "join", "ptype": "subscriber", "room": room_id, "private_id": person.private_id}
        try:
            answer = await self._ask(handle, {**body, "autoupdate": False, "streams": streams})
        except Refused:
            del self._handles[handle]
            await self._link.detach(handle)
            raise
        person.subscriber = handle
        return answer

    async def _resize(self, person: _Person, wanted: Mapping[Source, Wish]) -> None:
        """Choose the smaller or the larger of two pictures, where that has changed."""
        for mid, source in person.received.items():
            wish = wanted.get(source)
            if source.kind == "audio" or wish is None or person.small.get(mid) == wish.small:
                continue
            person.small[mid] = wish.small
            if person.subscriber is not None:
                await self._ask(person.subscriber, {"request": "configure", "mid": mid, **_substream(wish)})

    async def answer(self, room_id: str, client_id: str, answer: Description) -> None:
        """See `Sfu`."""
        if (handle := self._person(room_id, client_id).subscriber) is not None:
            await self._ask(handle, {"request": "start"}, answer)

    async def trickle(self, room_id: str, client_id: str, way: Way, candidate: Mapping[str, Any] | None) -> None:
        """See `Sfu`."""
        person = self._person(room_id, client_id)
        handle = person.publisher if way == "send" else person.subscriber
        if handle is not None:
            with suppress(Refused):  # one that Janus cannot use is no harm: it has others
                await self._link.trickle(handle, candidate or {"completed": True})

    async def remove(self, room_id: str, client_id: str) -> None:
        """See `Sfu`."""
        person = self._people.pop((room_id, client_id), None)
        if person is None:
            return
        handles = [handle for handle in (person.publisher, person.subscriber) if handle is not None]
        for handle in handles:
            self._handles.pop(handle, None)
        with suppress(Refused):
            body = {"request": "kick", "room": room_id, "secret": self._secret(room_id), "id": client_id}
            await self._ask(self._control, body)
        for handle in handles:
            await self._link.detach(handle)

    async def close_room(self, room_id: str) -> None:
        """See `Sfu`."""
        for room, client_id in list(self._people):
            if room == room_id:
                await self.remove(room_id, client_id)
        await self._destroy(room_id)

    async def _destroy(self, room_id: str) -> None:
        try:
            await self._ask(self._control, {"request": "destroy", "room": room_id, "secret": self._secret(room_id)})
        except JanusRefused as error:
            if error.code != _NO_SUCH_ROOM:
                raise

    async def _begin(self) -> None:
        """A new session stands: remove what an earlier life left, and see whether Janus can connect to anybody."""
        self._people.clear()
        self._handles.clear()
        self._control = await self._link.attach()
        found = await self._ask(self._control, {"request": "list", "admin_key": self._admin_key})
        for room in found["data"]["list"]:
            with suppress(Refused):  # not ours
                await self._destroy(room["room"])
        try:
            await try_out(self)
        except JanusRefused as error:
            if error.code != _CANNOT_CONNECT:
                raise
            raise Refused("Janus finds no network to send on; the loopback interface is none to it") from None
        self._here, self._problem = True, None
        log.info("Janus is there")
        self._listener.began()

    def _lost(self, reason: str) -> None:
        was_here, self._here = self._here, False
        if was_here:
            self._last_here = time.monotonic()
            self._listener.lost()
        if reason != self._problem:
            log.warning("Janus is away", reason=reason)
        self._problem = reason

    def _told(self, event: Message) -> None:
        """An event that nobody asked for."""
        handle = event.get("sender", 0)
        owner = self._handles.get(handle)
        if owner is None:
            return
        person = self._people.get(owner)
        data = event.get("plugindata", {}).get("data", {})
        match event["janus"]:
            case "webrtcup" if person is not None and handle == person.publisher:
                self._listener.is_sending(*owner)
            case "hangup" | "detached":
                self._listener.broke(*owner)
            # Everybody in the room is told who speaks; that the speaker is told too is enough for us.
            case "event" if data.get("videoroom") == "talking" and data.get("id") == owner[1]:
                self._listener.talks(*owner)

    def _mid_of(self, room_id: str, source: Source) -> str | None:
        person = self._people.get((room_id, source.client_id))
        return person.sent.get(source.kind) if person is not None else None

    def _publisher_of(self, room_id: str, source: Source) -> int | None:
        person = self._people.get((room_id, source.client_id))
        return person.publisher if person is not None else None

    def _person(self, room_id: str, client_id: str) -> _Person:
        person = self._people.get((room_id, client_id))
        if person is None:
            raise Refused("nobody by that id has come in")
        return person

    async def _allow(self, action: str, room_id: str, token: str) -> None:
        body = {"request": "allowed", "action": action, "room": room_id, "secret": self._secret(room_id)}
        await self._ask(self._control, {**body, "allowed": [token]})

    async def _ask(self, handle: int, body: Message, jsep: Description | None = None) -> Message:
        return await self._link.message(handle, body, jsep)

    def _secret(self, room_id: str) -> str:
        return hmac.new(self._admin_key.encode(), f"room {room_id}".encode(), hashlib.sha256).hexdigest()


def _description(answer: Message) -> Description:
    return {"type": answer["jsep"]["type"], "sdp": answer["jsep"]["sdp"]}


def _substream(wish: Wish) -> dict[str, int]:
    """Janus counts the pictures of one camera from the smallest. Where there is one only, it sends that."""
    return {} if wish.source.kind == "audio" else {"substream": 0 if wish.small else 1}
