"""API keys, room keys, and the API's budget of points a minute."""

import hmac
import math
from dataclasses import dataclass

from rooms.roomserver.meetings import Meeting
from rooms.roomserver.room import Role


def key_is_known(authorization: str, keys: list[str]) -> bool:
    """Whether an `Authorization` header holds one of the API keys. Constant time."""
    kind, _, given = authorization.partition(" ")
    found = [hmac.compare_digest(_bytes(given), _bytes(key)) for key in keys if key]
    return kind.lower() == "bearer" and any(found)


def role_of(meeting: Meeting, key: str | None) -> Role:
    """Who somebody is to a room by the key in their address; a wrong key counts as none."""
    given = _bytes(key or "")
    if hmac.compare_digest(given, _bytes(meeting.host_key)):
        return Role.HOST
    if meeting.viewer and hmac.compare_digest(given, _bytes(meeting.viewer_key)):
        return Role.VIEWER
    return Role.VISITOR


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


@dataclass
class Points:
    """A fixed window of a minute: a read costs 1, a delete 2, a write 3. Times are seconds since 1970."""

    limit: int
    window: int = 0
    spent: int = 0

    def take(self, points: int, now: float) -> bool:
        """Spend points. False when this minute has not enough left; then nothing is spent."""
        if int(now // 60) != self.window:
            self.window, self.spent = int(now // 60), 0
        if self.spent + points > self.limit:
            return False
        self.spent += points
        return True

    @property
    def left(self) -> int:
        """Points left in this minute."""
        return max(0, self.limit - self.spent)

    @staticmethod
    def milliseconds_left(now: float) -> int:
        """Until the next minute begins."""
        return math.ceil((60 - now % 60) * 1000)
