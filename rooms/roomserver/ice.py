"""STUN and TURN servers for browsers, with credentials that work for some hours only."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

_LIFE = timedelta(hours=12)


def ice_servers(
    servers: Iterable[Mapping[str, Any]], turn_secret: str | None, client_id: str, now: datetime
) -> list[dict[str, Any]]:
    """The list for `RTCPeerConnection`. TURN servers without credentials get ones by coturn's shared-secret scheme."""
    found = []
    for server in servers:
        entry = dict(server)
        urls = entry["urls"] if isinstance(entry["urls"], list) else [entry["urls"]]
        if turn_secret and "credential" not in entry and any(url.startswith("turn") for url in urls):
            entry["username"] = f"{int((now + _LIFE).timestamp())}:{client_id}"
            digest = hmac.new(turn_secret.encode(), entry["username"].encode(), hashlib.sha1).digest()
            entry["credential"] = base64.b64encode(digest).decode()
        found.append(entry)
    return found
