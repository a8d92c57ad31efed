"""All rooms in which somebody is, and the connections to them: the state machines' link to the world.

What happens in a room happens between two awaits: everybody is told, in the same order, before anything else can
happen. Only the events for the webhook's receiver are awaited, and they come last.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from config import clock
from rooms.roomserver.conference import Conference, Send
from rooms.roomserver.conferences import Conferences
from rooms.roomserver.meetings import Meeting, Meetings
from rooms.roomserver.mesh import capacity, is_polite
from rooms.roomserver.replay import Replay
from rooms.roomserver.room import Client, Role, Room
from rooms.roomserver.webhooks import Event, Outbox, client_data, event, room_data

#: After its end date a room still works for a while, but nobody is told of it and host links open nothing.
AFTER_END = timedelta(hours=1)
#: Then it is deleted. Whereby says "within 24 hours".
DELETED_AFTER_END = timedelta(hours=24)


class Line(Protocol):
    """A connection to one client's page. Neither method waits."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Send, or do nothing when it is broken."""

    def hang_up(self) -> None:
        """Close it when everything is sent."""


@dataclass
class OpenRoom:
    """A room with people in it or at its door."""

    meeting: Meeting
    room: Room
    lines: dict[str, Line] = field(default_factory=dict)
    replays: dict[str, Replay] = field(default_factory=dict)
    #: Set while a session lasts, the provider's word for «two people or more are there».
    session_id: str | None = None
    #: Where sound and pictures go through the SFU; None where they go from browser to browser.
    conference: Conference | None = None


class Hall:
    """The rooms of this process. One process serves all: a room's people must meet in it."""

    def __init__(self, meetings: Meetings, outbox: Outbox, conferences: Conferences | None = None) -> None:
        self.meetings = meetings
        self._outbox = outbox
        self._conferences = conferences
        self._open: dict[str, OpenRoom] = {}

    def capacity_of(self, meeting: Meeting) -> int:
        """How many people a room really takes on this server, as it is now."""
        place = self._open.get(meeting.name)
        return place.room.capacity if place is not None else capacity(meeting.mode, has_sfu=self.has_sfu)

    @property
    def has_sfu(self) -> bool:
        """Whether `group` rooms that are opened now are more than a mesh."""
        return self._conferences is not None and self._conferences.is_ready

    @property
    def sfu_problem(self) -> str | None:
        """Why they are not, for whoever runs the server."""
        return self._conferences.problem if self._conferences is not None else "no SFU is set up"

    def open(self, meeting: Meeting) -> OpenRoom:
        """The room of a meeting, made when the first one comes. A mesh stays a mesh until everybody has left."""
        found = self._open.get(meeting.name)
        if found is None:
            has_sfu = self.has_sfu
            room = Room(capacity(meeting.mode, has_sfu=has_sfu), meeting.locked)
            found = self._open[meeting.name] = OpenRoom(meeting, room)
            if meeting.mode == "group" and has_sfu and self._conferences is not None:
                found.conference = self._conferences.open(self._sender(found))
        return found

    def _sender(self, place: OpenRoom) -> Send:
        """How a conference reaches the pages of its room."""

        def send(client_id: str, message: Mapping[str, Any], kept: bool) -> None:
            if kept:
                self.send(place, client_id, message)
            elif (line := place.lines.get(client_id)) is not None:
                line.send(message)

        return send

    def is_open(self, place: OpenRoom) -> bool:
        """Whether the room still exists: it was not deleted meanwhile."""
        return self._open.get(place.meeting.name) is place

    def send(self, place: OpenRoom, client_id: str, message: Mapping[str, Any]) -> None:
        """Send to one client. For one who is inside it is numbered, and sent again when the connection swallows it."""
        replay = place.replays.get(client_id)
        numbered = replay.add(message) if replay is not None else message
        if (line := place.lines.get(client_id)) is not None:
            line.send(numbered)

    def tell_others(self, place: OpenRoom, but: str, message: Mapping[str, Any]) -> None:
        """Send to everybody inside but one."""
        for client_id in place.room.inside:
            if client_id != but:
                self.send(place, client_id, message)

    async def came_in(self, place: OpenRoom, client: Client, welcome: Mapping[str, Any]) -> None:
        """Welcome somebody who has got a place; tell the others and the webhook's receiver."""
        if (line := place.lines.get(client.id)) is not None:
            line.send(welcome)
        place.replays[client.id] = Replay()
        if place.conference is not None:
            place.conference.enter(client)
        for other in place.room.inside.values():
            if other is not client:
                self.send(place, other.id, {"t": "joined", "peer": peer(client, other)})
        if place.room.is_host(client.id):
            for knocker in place.room.knocking.values():
                self.send(place, client.id, {"t": "knocker", "id": knocker.id, "name": knocker.name})
        events = []
        if len(place.room.inside) >= 2 and place.session_id is None:
            place.session_id = str(uuid.uuid4())
            events.append(self._of_session("room.session.started", place))
        events.append(self._of_client("room.client.joined", place, client, counted=True))
        await self._put(place, events)

    async def went_out(self, place: OpenRoom, *clients: Client) -> None:
        """Announce that these are gone for good. Their places are free already."""
        events = []
        for client in clients:
            place.lines.pop(client.id, None)
            place.replays.pop(client.id, None)
            if place.conference is not None:
                place.conference.leave(client.id)
            self.tell_others(place, client.id, {"t": "left", "id": client.id})
            events.append(self._of_client("room.client.left", place, client, counted=True))
        if clients and len(place.room.inside) < 2 and place.session_id is not None:
            events.append(self._of_session("room.session.ended", place))
            place.session_id = None
        self.forget_if_empty(place)
        await self._put(place, events)

    async def knocked(self, place: OpenRoom, client: Client, *, cancelled: bool = False) -> None:
        """Announce somebody at the door, or that they have gone away, to the hosts and the receiver."""
        self.tell_hosts(place, {"t": "knocker_gone" if cancelled else "knocker", "id": client.id, "name": client.name})
        self.forget_if_empty(place)
        kind = "room.client.knockCancelled" if cancelled else "room.client.knocked"
        await self._put(place, [self._of_client(kind, place, client, counted=False)])

    def tell_hosts(self, place: OpenRoom, message: Mapping[str, Any]) -> None:
        """Send to those who may open the door."""
        for client in place.room.inside.values():
            if client.role is Role.HOST:
                self.send(place, client.id, message)

    async def expire(self, now: datetime) -> None:
        """Give up the places of those who did not come back, and let cameras take turns. Called every second or so."""
        if self._conferences is not None:
            self._conferences.tick()
        for place in list(self._open.values()):
            if lost := place.room.expire(now):
                await self.went_out(place, *lost)

    async def delete_ended(self, now: datetime) -> None:
        """Delete the meetings whose end date is long past."""
        for meeting_id in await self.meetings.ended_before(now - DELETED_AFTER_END):
            await self.delete(meeting_id)

    async def end(self, place: OpenRoom, reason: str) -> None:
        """Throw everybody out: the meeting was deleted, or a host ended it."""
        self._close(place)
        clients = list(place.room.inside.values())
        place.room.inside.clear()
        place.room.knocking.clear()
        for line in place.lines.values():
            line.send({"t": "removed", "reason": reason})
            line.hang_up()
        place.lines.clear()
        await self.went_out(place, *clients)
        self.forget_if_empty(place)

    async def delete(self, meeting_id: str) -> None:
        """Delete a meeting; nobody comes in any more, and whoever is there is thrown out."""
        meeting = await self.meetings.delete(meeting_id)
        if meeting is None:
            return
        place = self._open.pop(meeting.name, None)
        if place is not None:
            await self.end(place, "deleted")

    def hang_up_all(self) -> None:
        """Before this process ends: pages come back to the next one by themselves."""
        for place in self._open.values():
            for line in place.lines.values():
                line.hang_up()

    def forget_if_empty(self, place: OpenRoom) -> None:
        """Let go of a room that nobody is in or at the door of."""
        if not place.room.inside and not place.lines and self.is_open(place):
            del self._open[place.meeting.name]
            self._close(place)

    def _close(self, place: OpenRoom) -> None:
        conference, place.conference = place.conference, None
        if conference is not None and self._conferences is not None:
            self._conferences.close(conference)

    async def _put(self, place: OpenRoom, events: list[Event]) -> None:
        if clock.now() <= place.meeting.end_date + AFTER_END:
            await self._outbox.put(events)

    @staticmethod
    def _of_session(kind: str, place: OpenRoom) -> Event:
        return event(kind, clock.now(), room_data(place.meeting) | {"roomSessionId": place.session_id})

    @staticmethod
    def _of_client(kind: str, place: OpenRoom, client: Client, *, counted: bool) -> Event:
        data = client_data(place.meeting, client, place.session_id)
        if counted:
            roles = [each.role.value for each in place.room.inside.values()]
            data |= {
                "numClients": len(roles),
                "numClientsByRoleName": {role: roles.count(role) for role in sorted(set(roles))},
                "isDialIn": False,
            }
        return event(kind, clock.now(), data)


def peer(client: Client, learner: Client) -> dict[str, Any]:
    """What somebody in the room learns of another there, and whether to give way to them when offers cross."""
    return {
        "id": client.id,
        "name": client.name,
        "externalId": client.external_id,
        "metadata": client.metadata,
        "role": client.role.value,
        "audio": client.audio,
        "video": client.video,
        "polite": is_polite(learner.id, client.id),
    }
