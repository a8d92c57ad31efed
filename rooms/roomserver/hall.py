"""All rooms in which somebody is, and the connections to them: the state machines' link to the world."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from config import clock
from rooms.roomserver.meetings import Meeting, Meetings
from rooms.roomserver.mesh import capacity
from rooms.roomserver.room import Client, Room
from rooms.roomserver.webhooks import Outbox, client_data, event, room_data

#: Messages kept for a client whose connection broke. More would be a flood, not a negotiation.
_MOST_KEPT = 200


class Line(Protocol):
    """A connection to one client's page."""

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send, or do nothing when it is broken."""

    async def hang_up(self) -> None:
        """Close it."""


@dataclass
class OpenRoom:
    """A room with people in it or at its door."""

    meeting: Meeting
    room: Room
    lines: dict[str, Line] = field(default_factory=dict)
    kept: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    #: The provider's word for «two people or more are there».
    session_id: str | None = None


class Hall:
    """The rooms of this process. One process serves all: a room's people must meet in it."""

    def __init__(self, meetings: Meetings, outbox: Outbox) -> None:
        self.meetings = meetings
        self._outbox = outbox
        self._open: dict[str, OpenRoom] = {}

    def open(self, meeting: Meeting) -> OpenRoom:
        """The room of a meeting, made when the first one comes."""
        found = self._open.get(meeting.name)
        if found is None:
            room = Room(capacity(meeting.mode, has_sfu=False), meeting.locked)
            found = self._open[meeting.name] = OpenRoom(meeting, room)
        return found

    def is_open(self, place: OpenRoom) -> bool:
        """Whether the room still exists: it was not deleted meanwhile."""
        return self._open.get(place.meeting.name) is place

    async def send(self, place: OpenRoom, client_id: str, message: Mapping[str, Any]) -> None:
        """Send to one client; keep it for one that may come back."""
        line = place.lines.get(client_id)
        if line is not None:
            await line.send(message)
        elif client_id in place.room.inside:
            kept = place.kept.setdefault(client_id, [])
            if len(kept) < _MOST_KEPT:
                kept.append(message)

    async def tell_others(self, place: OpenRoom, but: str, message: Mapping[str, Any]) -> None:
        """Send to everybody inside but one."""
        for client_id in list(place.room.inside):
            if client_id != but:
                await self.send(place, client_id, message)

    async def came_in(self, place: OpenRoom, client: Client) -> None:
        """Announce an arrival, to the others and to the webhook's receiver."""
        await self.tell_others(place, client.id, {"t": "joined", "peer": shown(client)})
        if len(place.room.inside) >= 2 and place.session_id is None:
            place.session_id = str(uuid.uuid4())
            data = room_data(place.meeting) | {"roomSessionId": place.session_id}
            await self._outbox.put(event("room.session.started", clock.now(), data))
        await self._tell("room.client.joined", place, client, **self._counts(place))

    async def went_out(self, place: OpenRoom, client: Client) -> None:
        """Announce that somebody is gone for good."""
        place.lines.pop(client.id, None)
        place.kept.pop(client.id, None)
        await self.tell_others(place, client.id, {"t": "left", "id": client.id})
        await self._tell("room.client.left", place, client, **self._counts(place))
        if len(place.room.inside) < 2 and place.session_id is not None:
            data = room_data(place.meeting) | {"roomSessionId": place.session_id}
            place.session_id = None
            await self._outbox.put(event("room.session.ended", clock.now(), data))
        self.forget_if_empty(place)

    async def knocked(self, place: OpenRoom, client: Client, *, cancelled: bool = False) -> None:
        """Announce somebody at the door, or that they have gone away, to the hosts and the receiver."""
        message = {"t": "knocker_gone" if cancelled else "knocker", "id": client.id, "name": client.name}
        for client_id in list(place.room.inside):
            if place.room.is_host(client_id):
                await self.send(place, client_id, message)
        await self._tell("room.client.knockCancelled" if cancelled else "room.client.knocked", place, client)
        self.forget_if_empty(place)

    async def expire(self) -> None:
        """Give up the places of those who did not come back. Called every second or so."""
        for place in list(self._open.values()):
            for client in place.room.expire(clock.now()):
                await self.went_out(place, client)

    async def end(self, place: OpenRoom, reason: str) -> None:
        """Throw everybody out: the meeting was deleted, or a host ended it."""
        clients = list(place.room.inside.values())
        lines = [*place.lines.values()]
        place.room.inside.clear()
        place.room.knocking.clear()
        place.lines.clear()
        for line in lines:
            await line.send({"t": "removed", "reason": reason})
            await line.hang_up()
        for client in clients:
            await self.went_out(place, client)
        self.forget_if_empty(place)

    async def delete(self, meeting_id: str) -> None:
        """Delete a meeting; nobody comes in any more, and whoever is there is thrown out."""
        meeting = await self.meetings.delete(meeting_id)
        if meeting is None:
            return
        place = self._open.pop(meeting.name, None)
        if place is not None:
            await self.end(place, "deleted")

    async def hang_up_all(self) -> None:
        """Before this process ends: pages come back to the next one by themselves."""
        for place in list(self._open.values()):
            for line in list(place.lines.values()):
                await line.hang_up()

    def forget_if_empty(self, place: OpenRoom) -> None:
        """Let go of a room that nobody is in or at the door of."""
        if not place.room.inside and not place.lines and self.is_open(place):
            del self._open[place.meeting.name]

    async def _tell(self, kind: str, place: OpenRoom, client: Client, **more: Any) -> None:
        data = client_data(place.meeting, client, place.session_id) | more
        await self._outbox.put(event(kind, clock.now(), data))

    @staticmethod
    def _counts(place: OpenRoom) -> dict[str, Any]:
        by_role: dict[str, int] = {}
        for client in place.room.inside.values():
            by_role[client.role.value] = by_role.get(client.role.value, 0) + 1
        return {"numClients": len(place.room.inside), "numClientsByRoleName": by_role, "isDialIn": False}


def shown(client: Client) -> dict[str, Any]:
    """What the others in the room learn of a client."""
    return {
        "id": client.id,
        "name": client.name,
        "externalId": client.external_id,
        "metadata": client.metadata,
        "audio": client.audio,
        "video": client.video,
    }
