"""STUN and TURN servers: what is configured, with credentials that expire where the server wants them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from rooms.roomserver.ice import ice_servers

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_what_needs_no_credentials_is_left_alone() -> None:
    servers = [{"urls": "stun:s.example"}, {"urls": "turn:t.example", "username": "u", "credential": "c"}]
    assert ice_servers(servers, "secret", "c1", NOW) == servers
    assert ice_servers([{"urls": "turn:t.example"}], None, "c1", NOW) == [{"urls": "turn:t.example"}]


def test_a_turn_server_gets_credentials_for_some_hours() -> None:
    """coturn's `use-auth-secret`: base64 of HMAC-SHA-1 over `<expiry>:<user>`."""
    configured = {"urls": ["stun:t.example", "turns:t.example:443"]}
    [server] = ice_servers([configured], "secret", "c1", NOW)
    expiry, _, user = server["username"].partition(":")
    assert user == "c1"
    assert timedelta(hours=1) < datetime.fromtimestamp(int(expiry), UTC) - NOW <= timedelta(hours=24)
    digest = hmac.new(b"secret", server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()
    assert "username" not in configured
