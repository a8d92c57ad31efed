"""One room as a state machine: who is in, who knocks, who may come back after a lost connection. Pure.

A client that loses its connection keeps its place for `GRACE`; the others see nothing of a short break.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

#: How long a place is kept for somebody whose connection broke.
GRACE = timedelta(seconds=15)
#: People waiting at one door. More are noise or an attack.
MOST_KNOCKING = 50


class Role(StrEnum):
    """Hosts came by a host link: they need not knock, and let others in. Viewers only look on, and need not knock."""

    HOST = "host"
    VISITOR = "visitor"
    GRANTED_VISITOR = "granted_visitor"
    VIEWER = "viewer"


@dataclass
class Client:
    """Somebody in the room or at its door. `resume` is the secret by which a broken connection comes back.

    `heard` is the number of the last message that came from them.
    """

    id: str
    resume: str
    name: str
    external_id: str | None
    metadata: str | None
    role: Role
    audio: bool = False
    video: bool = False
    lost_at: datetime | None = None
    heard: int = 0


class Arrival(StrEnum):
    """What somebody at the door is told."""

    WELCOME = "welcome"
    FULL = "full"
    LOCKED = "locked"


@dataclass
class Room:
    """Who is in a room now. `capacity` counts places, kept ones included, so that two at once never share the last."""

    capacity: int
    is_locked: bool
    inside: dict[str, Client] = field(default_factory=dict)
    knocking: dict[str, Client] = field(default_factory=dict)

    def arrive(self, client: Client) -> Arrival:
        """Take a place if there is one and the door is open for this client."""
        if self._is_closed_to(client):
            return Arrival.LOCKED
        if len(self.inside) >= self.capacity:
            return Arrival.FULL
        self.inside[client.id] = client
        return Arrival.WELCOME

    def take_over(self, client: Client) -> list[Client]:
        """Give up places that are kept for this very person, who comes anew: a page loaded again, a phone restarted.

        Nobody is pushed out: only a place whose connection broke, and only by the same external id.
        """
        if client.external_id is None or self._is_closed_to(client):
            return []
        same = [c for c in self.inside.values() if c.lost_at is not None and c.external_id == client.external_id]
        for each in same:
            del self.inside[each.id]
        return same

    def _is_closed_to(self, client: Client) -> bool:
        return self.is_locked and client.role is Role.VISITOR

    def knock(self, client: Client) -> bool:
        """Wait at a locked door. False when too many wait already."""
        if len(self.knocking) >= MOST_KNOCKING:
            return False
        self.knocking[client.id] = client
        return True

    def admit(self, host_id: str, client_id: str) -> Arrival | None:
        """A host lets somebody in. None when it is no host, or nobody knocks by that id (any more)."""
        if not self.is_host(host_id) or client_id not in self.knocking:
            return None
        if len(self.inside) >= self.capacity:
            return Arrival.FULL
        client = self.knocking.pop(client_id)
        if client.role is Role.VISITOR:
            client.role = Role.GRANTED_VISITOR
        return self.arrive(client)

    def reject(self, host_id: str, client_id: str) -> bool:
        """A host sends somebody away. False when it is no host, or nobody knocks by that id."""
        return self.is_host(host_id) and self.knocking.pop(client_id, None) is not None

    def is_host(self, client_id: str) -> bool:
        """Whether this client is inside and came by a host link."""
        client = self.inside.get(client_id)
        return client is not None and client.role is Role.HOST

    def lose(self, client_id: str, now: datetime) -> None:
        """A connection broke: keep the place for a while; a knocker is gone at once."""
        self.knocking.pop(client_id, None)
        if client_id in self.inside:
            self.inside[client_id].lost_at = now

    def resume(self, secret: str) -> Client | None:
        """The client that this secret belongs to is back, if its place is still kept."""
        for client in self.inside.values():
            if hmac.compare_digest(client.resume.encode(), secret.encode()):
                client.lost_at = None
                return client
        return None

    def leave(self, client_id: str) -> Client | None:
        """Give up a place, or stop knocking. The client, if it was inside."""
        self.knocking.pop(client_id, None)
        return self.inside.pop(client_id, None)

    def expire(self, now: datetime) -> list[Client]:
        """Take the places of those who did not come back in time, and tell who they were."""
        lost = [c for c in self.inside.values() if c.lost_at is not None and now - c.lost_at >= GRACE]
        for client in lost:
            del self.inside[client.id]
        return lost
