"""What `up` decides."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import DEMO_SECRET, EmbeddedSettings
from rooms.embedded import plan

BASE = EmbeddedSettings(sammen_var=Path("/srv/var"))


def test_by_default_every_part_is_private_and_they_know_one_another() -> None:
    added = plan.additions(BASE, "postgresql://sammen@/sammen?host=/s", "unix:///r.sock?db=0")
    assert added["PUBLIC_URL"] == "http://localhost:8080"
    assert added["WHEREBY_API_URL"] == added["ROOM_SERVER_URL"] + "/v1"
    assert added["WHEREBY_WEBHOOK_SECRET"] == added["ROOM_SERVER_WEBHOOK_SECRET"]
    assert added["WHEREBY_API_KEY"] in added["ROOM_SERVER_API_KEYS"].split(",")
    assert added["ROOM_SERVER_ALLOWED_ORIGINS"] == "http://localhost:8080"
    assert added["DATABASE_URL"].startswith("postgresql://")
    assert {port.variable for port in plan.ports(BASE)} == {
        "WEB_PORT",
        "ROOM_SERVER_PORT",
        "SMTP_PORT",
        "MAILBOX_PORT",
    }


def test_what_is_set_replaces_the_private_part() -> None:
    settings = EmbeddedSettings(
        whereby_api_url="https://api.whereby.dev/v1", smtp_url=SecretStr("smtp://mail"), web_port=9000
    )
    added = plan.additions(settings, None, None)
    assert not {name for name in added if name.startswith(("WHEREBY", "ROOM_", "SMTP", "DATABASE", "REDIS"))}
    assert [port.number for port in plan.ports(settings)] == [9000]
    assert added["PUBLIC_URL"] == "http://localhost:9000"


def test_a_variable_that_is_set_stays_and_an_empty_one_does_not() -> None:
    merged = plan.merged({"SECRET_KEYS": "mine:…", "PUBLIC_URL": ""}, plan.additions(BASE, None, None))
    assert merged["SECRET_KEYS"] == "mine:…"
    assert merged["PUBLIC_URL"] == "http://localhost:8080"
    assert DEMO_SECRET in merged["WHEREBY_API_KEY"]


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("10.0.0.5", "10.0.0.5")],  # noqa: S104 - read only
)
def test_the_web_process_is_asked_where_it_listens(host: str, address: str) -> None:
    assert plan.web_address(EmbeddedSettings(web_host=host, web_port=99)) == f"http://{address}:99"


def test_the_environment_survives_a_shell() -> None:
    assert plan.as_shell({"B": "it's $HOME", "A": "1"}) == "export A=1\nexport B='it'\"'\"'s $HOME'\n"


def test_what_xl_rooms_are_is_said_in_one_line() -> None:
    small = {"sfu": False, "sfu_problem": "Janus finds no network", "group_capacity": 6}
    assert "up to 200 people" in plan.xl_rooms({"sfu": True, "sfu_problem": None, "group_capacity": 200}, None)
    missing = plan.xl_rooms(small, "apt-get install janus")
    assert "take 6 people" in missing
    assert missing.endswith("apt-get install janus")
    assert plan.xl_rooms(small, None).endswith("Janus finds no network")
