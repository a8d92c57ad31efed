"""Messages to one client, numbered and kept, so that those a broken connection swallowed can be sent again. Pure."""

from collections import deque
from collections.abc import Mapping
from typing import Any

#: Messages kept for a client. A break is noticed within seconds; more in that time would be a flood, not a negotiation.
MOST_KEPT = 300


class Replay:
    """What was sent to one client since it came in."""

    def __init__(self) -> None:
        self._last = 0
        self._kept: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)

    def add(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The message with its number, `n`, counted from 1."""
        self._last += 1
        numbered = {**message, "n": self._last}
        self._kept.append(numbered)
        return numbered

    def forget(self, seen: int) -> None:
        """The client has everything up to this number: it need not be kept."""
        while self._kept and self._kept[0]["n"] <= seen:
            self._kept.popleft()

    def after(self, seen: int) -> list[dict[str, Any]] | None:
        """What came after number `seen`. None when some of it is not kept any more, or was never sent."""
        if not self._last - len(self._kept) <= seen <= self._last:
            return None
        return [message for message in self._kept if message["n"] > seen]
