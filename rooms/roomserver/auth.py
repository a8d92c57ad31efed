"""API keys, room keys, and the API's budget of points a minute."""

import hmac
import math
import time
from dataclasses import dataclass

from rooms.roomserver.meetings import Meeting
from rooms.roomserver.room import Role


def key_is_known(authorization: str, keys: list[str]) -> bool:
    """Whether an `Authorization` header holds one of the API keys. Constant time."""
    kind, _, given = authorization.partition(" ")
    found = [hmac.compare_digest(given.encode(), key.encode()) for key in keys]
    return kind == "Bearer" and any(found)


def role_of(meeting: Meeting, key: str | None) -> Role:
    """Who somebody is to a room by the key in their address; a wrong key counts as none."""
    if key is not None and hmac.compare_digest(key.encode(), meeting.host_key.encode()):
        return Role.HOST
    return Role.VISITOR


@dataclass
class Points:
    """A fixed window of a minute, as Whereby counts: a read costs 1, a delete 2, a write 3."""

    limit: int
    window: int = 0
    spent: int = 0

    def take(self, points: int, now: float | None = None) -> bool:
        """Spend points. False when this minute has not enough left; then nothing is spent."""
        moment = time.time() if now is None else now
        if int(moment // 60) != self.window:
            self.window, self.spent = int(moment // 60), 0
        if self.spent + points > self.limit:
            return False
        self.spent += points
        return True

    @property
    def left(self) -> int:
        """Points left in this minute."""
        return max(0, self.limit - self.spent)

    def milliseconds_left(self, now: float | None = None) -> int:
        """Until the next minute begins."""
        moment = time.time() if now is None else now
        return math.ceil((60 - moment % 60) * 1000)
