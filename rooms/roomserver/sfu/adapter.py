"""What a selective forwarding unit must do for `group` rooms to hold more people than a mesh can carry.

The room server decides who may come in and relays all signalling; the browser never speaks to the SFU by itself.
"""

from collections.abc import Mapping
from typing import Any, Protocol


class Sfu(Protocol):
    """One SFU process. Every method raises OSError when it is away."""

    async def open_room(self, room_name: str, capacity: int) -> None:
        """Make a room. Harmless when it is there."""

    async def signal(self, room_name: str, client_id: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hand on one client's signalling message and return the answer."""

    async def remove(self, room_name: str, client_id: str) -> None:
        """Throw a client out. Harmless when it is gone."""

    async def close_room(self, room_name: str) -> None:
        """Throw everybody out. Harmless when it is gone."""
