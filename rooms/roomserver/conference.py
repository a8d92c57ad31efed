"""XL rooms through the SFU: who may come to it, what each page sends and receives, and beginning again when it breaks.

A page comes to the SFU by a ticket that only its own connection gets and that works once. Whatever breaks — a person's
connection, the SFU itself — is mended in one way: away with what was, a new ticket, and the page begins anew.
"""

import asyncio
import hmac
import random
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from rooms.roomserver import wire
from rooms.roomserver.member import FIRST_PAUSE, Member, end
from rooms.roomserver.room import Client, Role
from rooms.roomserver.sfu.adapter import Refused, Sfu, Source, Vanished, Wish
from rooms.roomserver.stage import MOST_VOICES, Stage

log = structlog.get_logger(__name__)

#: Seconds before somebody's next attempt, at most. Each failure doubles it.
_LONGEST_PAUSE = 8.0
#: An attempt that held for so many seconds counts as sound.
_SOUND_AFTER = 20.0
#: Times in a row that somebody may vanish while they are asked for, before that looks like a fault.
_MOST_VANISHED = 5

#: Sends to one client of the room; `kept`: sent again if the connection swallows it.
Send = Callable[[str, Mapping[str, Any], bool], None]


class Conference:
    """One room in the SFU."""

    def __init__(self, sfu: Sfu, room_id: str, send: Send, most_cameras: int) -> None:
        self._sfu = sfu
        self._id = room_id
        self._send = send
        self._stage = Stage(most_cameras)
        self._members: dict[str, Member] = {}
        self._opening = asyncio.Lock()
        self._is_open = False
        self._is_lost = False
        self._told: dict[str, Any] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def id(self) -> str:
        """The room's id in the SFU."""
        return self._id

    @property
    def scene(self) -> dict[str, Any]:
        """What a page has to know of it to begin or go on."""
        return {
            "cameras": self._stage.live,
            "mostCameras": self._stage.most_cameras,
            "speaker": self._stage.speaker,
            "stalled": self._is_lost,
        }

    def enter(self, client: Client) -> None:
        """Somebody got a place: let them come."""
        member = self._members[client.id] = Member(client)
        self.media(client)
        self._begin(member)

    def leave(self, client_id: str) -> None:
        """Somebody gave their place up, or lost it: throw them out of the SFU, soon."""
        member = self._members.pop(client_id, None)
        if member is None:
            return
        self._stage.leave(client_id, time.monotonic())
        self._tell_stage()
        self._refresh_all()
        task = asyncio.create_task(self._dismiss(member))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def media(self, client: Client) -> None:
        """Somebody's microphone or camera was turned on or off."""
        live = self._stage.live
        self._stage.camera(client.id, time.monotonic(), on=client.video)
        if self._stage.live != live:
            self._tell_stage()
            self._refresh_all()

    def heard(self, client_id: str, message: wire.SfuMessage) -> None:
        """What a page says about its ways to the SFU."""
        member = self._members.get(client_id)
        if member is None:
            return
        match message:
            case wire.Connect(ticket=ticket):
                self._connect(member, ticket)
            case wire.Watch(ids=ids, large=large):
                member.watching, member.large = ids, large
                self._refresh(member)
            case wire.Renew() if member.joined:
                self._begin(member)
            case _ if not member.joined:
                return
            case wire.Publish(description=description) if member.client.role is not Role.VIEWER:
                member.jobs.put_nowait(lambda: self._publish(member, description.model_dump()))
            case wire.Answer(description=description):
                member.jobs.put_nowait(lambda: self._answer(member, description.model_dump()))
            case wire.Trickle(way=way, candidate=candidate):
                member.jobs.put_nowait(lambda: self._sfu.trickle(self._id, client_id, way, candidate))

    def is_sending(self, client_id: str) -> None:
        """Somebody's way out stands: the others want it."""
        if (member := self._members.get(client_id)) is not None:
            member.sending = True
            self._refresh_all(but=client_id)

    def talks(self, client_id: str) -> None:
        """Somebody began to speak."""
        if client_id not in self._members:
            return
        live = self._stage.live
        self._stage.talks(client_id, time.monotonic())
        self._tell_stage()
        if self._stage.live != live or sum(each.sending for each in self._members.values()) > MOST_VOICES:
            self._refresh_all()

    def tick(self) -> None:
        """A second has passed."""
        live = self._stage.live
        self._stage.pass_on(time.monotonic())
        if self._stage.live != live:
            self._tell_stage()
            self._refresh_all()

    def broke(self, client_id: str) -> None:
        """Somebody's way has broken, and nobody here wanted it."""
        if (member := self._members.get(client_id)) is not None and member.joined:
            self._begin(member)

    def began(self) -> None:
        """The SFU is there again, and knows nothing."""
        self._is_open = self._is_lost = False
        self._tell_stage()
        for member in self._members.values():
            member.pause = FIRST_PAUSE
            self._begin(member)

    def lost(self) -> None:
        """The SFU has gone: say so."""
        self._is_lost = True
        self._tell_stage()
        for member in self._members.values():
            member.joined = member.sending = False

    async def close(self) -> None:
        """Throw everybody out of the SFU."""
        members, self._members = list(self._members.values()), {}
        for member in members:
            await end(member.task)
        await asyncio.gather(*self._ending, return_exceptions=True)
        with suppress(OSError, Refused):  # with the SFU away the room is gone too
            await self._sfu.close_room(self._id)

    # --- one person's way, step by step ---

    def _begin(self, member: Member) -> None:
        """Away with what was, and a new ticket as soon as the SFU can take them."""
        if member.task is not None:
            member.task.cancel()
        if time.monotonic() - member.began > _SOUND_AFTER:
            member.pause = FIRST_PAUSE
        member.forget()
        member.task = asyncio.create_task(self._work(member, member.task))

    async def _work(self, member: Member, before: asyncio.Task[None] | None) -> None:
        """Prepare, then do what comes in order. What fails is begun again, after a while."""
        await end(before)
        while True:
            try:
                await self._prepare(member)
                while True:
                    await (await member.jobs.get())()
            except (OSError, Refused) as error:
                log.info("a way to the SFU failed", reason=str(error))
            except Exception:
                log.exception("a way to the SFU failed")
            member.forget()
            await asyncio.sleep(member.pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
            member.pause = min(member.pause * 2, _LONGEST_PAUSE)

    async def _prepare(self, member: Member) -> None:
        ticket = secrets.token_urlsafe(24)
        await self._sfu.remove(self._id, member.client.id)
        async with self._opening:
            if not self._is_open:
                await self._sfu.open_room(self._id)
                self._is_open = True
        await self._sfu.expect(self._id, ticket)
        member.ticket = ticket
        member.began = time.monotonic()
        self._send(member.client.id, {"t": "ticket", "ticket": ticket}, True)

    def _connect(self, member: Member, ticket: str) -> None:
        """A page shows its ticket. A wrong one, or one that was used, gets nothing."""
        known, member.ticket = member.ticket, None
        if known is None or not hmac.compare_digest(known.encode(), ticket.encode(errors="surrogateescape")):
            member.ticket = known
            return
        member.jobs.put_nowait(lambda: self._join(member, ticket))

    async def _join(self, member: Member, ticket: str) -> None:
        await self._sfu.join(self._id, member.client.id, ticket)
        member.joined = True
        self._send(member.client.id, {"t": "connected"}, True)
        self._refresh(member)

    async def _publish(self, member: Member, description: Mapping[str, Any]) -> None:
        answer = await self._sfu.publish(self._id, member.client.id, description)
        self._send(member.client.id, {"t": "published", "description": answer}, True)

    async def _answer(self, member: Member, description: Mapping[str, Any]) -> None:
        if not member.offered:
            return
        await self._sfu.answer(self._id, member.client.id, description)
        member.offered = False
        if member.stale:
            self._refresh(member)

    def _refresh_all(self, but: str | None = None) -> None:
        for client_id, member in self._members.items():
            if client_id != but:
                self._refresh(member)

    def _refresh(self, member: Member) -> None:
        """See to it that somebody receives what they should, now or after the answer that is awaited."""
        if not member.joined:
            return
        if member.offered:
            member.stale = True
            return
        member.offered, member.stale = True, False
        member.jobs.put_nowait(lambda: self._offer(member))

    async def _offer(self, member: Member) -> None:
        try:
            offer = await self._sfu.subscribe(self._id, member.client.id, self._wishes(member))
        except Vanished:
            # Somebody went just now. Their going is on its way to us too.
            member.vanished += 1
            if member.vanished > _MOST_VANISHED:
                raise
            await asyncio.sleep(FIRST_PAUSE)
            member.offered = False
            self._refresh(member)
            return
        member.vanished = 0
        if offer is None:
            member.offered = False
            if member.stale:
                self._refresh(member)
            return
        sources = {mid: {"id": source.client_id, "kind": source.kind} for mid, source in offer.sources.items()}
        told = {"t": "offer", "description": offer.description, "sources": sources}
        self._send(member.client.id, told, True)

    def _wishes(self, member: Member) -> list[Wish]:
        """What this page should receive now."""
        others = [each for client_id, each in self._members.items() if client_id != member.client.id and each.sending]
        sending = [each.client.id for each in others]
        voices = self._stage.voices(sending, {each.client.id for each in others if each.client.audio})
        seen = self._stage.pictures(client_id for client_id in member.watching if client_id in sending)
        return [
            *(Wish(Source(client_id, "audio")) for client_id in voices),
            *(Wish(Source(client_id, "video"), small=client_id not in member.large) for client_id in seen),
        ]

    def _tell_stage(self) -> None:
        """Whose pictures are live and who speaks. Not kept for a broken line: whoever comes back is told anyway."""
        if self.scene == self._told:
            return
        self._told = self.scene
        for client_id in self._members:
            self._send(client_id, {"t": "stage", **self.scene}, False)

    async def _dismiss(self, member: Member) -> None:
        await end(member.task)
        with suppress(OSError, Refused):
            await self._sfu.remove(self._id, member.client.id)
