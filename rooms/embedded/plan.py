"""What `up` decides: which parts are private, which ports they need, and what they tell one another. No I/O."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.settings import DEMO_SECRET, EmbeddedSettings

LOOPBACK = "127.0.0.1"
#: Whereby's larger budget: a demonstration should not wait for the smaller one.
_POINTS_PER_MINUTE = "1000"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a part is to listen at, and the variable that chooses another."""

    host: str
    number: int
    variable: str


def ports(settings: EmbeddedSettings) -> list[Port]:
    """The ports that have to be free."""
    needed = [Port(settings.web_host, settings.web_port, "WEB_PORT")]
    if settings.whereby_api_url is None:
        needed.append(Port(LOOPBACK, settings.room_server_port, "ROOM_SERVER_PORT"))
    if settings.smtp_url is None:
        needed.append(Port(LOOPBACK, settings.smtp_port, "SMTP_PORT"))
        needed.append(Port(LOOPBACK, settings.mailbox_port, "MAILBOX_PORT"))
    return needed


def web_address(settings: EmbeddedSettings) -> str:
    """Where this machine itself reaches the web process."""
    everywhere = settings.web_host in {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not listened at
    host = LOOPBACK if everywhere else settings.web_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.web_port}"


def additions(settings: EmbeddedSettings, database_url: str | None, redis_url: str | None) -> dict[str, str]:
    """The variables that the embedded default adds to the environment, for what was not set there.

    `database_url` and `redis_url` are the private services', or None where another was chosen.
    """
    public_url = settings.public_url or f"http://localhost:{settings.web_port}"
    found = {
        "SAMMEN_VAR": str(settings.sammen_var),
        "SECRET_KEYS": f"demo:{DEMO_SECRET}",
        "PUBLIC_URL": public_url,
        "WEB_PORT": str(settings.web_port),
    }
    if database_url:
        found["DATABASE_URL"] = database_url
    if redis_url:
        found["REDIS_URL"] = redis_url
    if settings.smtp_url is None:
        found |= {
            "SMTP_URL": f"smtp://{LOOPBACK}:{settings.smtp_port}",
            "SMTP_PORT": str(settings.smtp_port),
            "MAILBOX_PORT": str(settings.mailbox_port),
        }
    if settings.whereby_api_url is None:
        found |= _room_server(settings, public_url)
    return found


def _room_server(settings: EmbeddedSettings, public_url: str) -> dict[str, str]:
    """The room server and its client, made for each other."""
    address = f"http://localhost:{settings.room_server_port}"
    origin = urlsplit(public_url)
    return {
        "WHEREBY_API_URL": f"{address}/v1",
        "WHEREBY_API_KEY": DEMO_SECRET,
        "WHEREBY_WEBHOOK_SECRET": DEMO_SECRET,
        "WHEREBY_POINTS_PER_MINUTE": _POINTS_PER_MINUTE,
        "ROOM_HOSTS": f"localhost:{settings.room_server_port}",
        "ROOM_SERVER_URL": address,
        "ROOM_SERVER_PORT": str(settings.room_server_port),
        "ROOM_SERVER_API_KEYS": DEMO_SECRET,
        "ROOM_SERVER_WEBHOOK_URL": f"{web_address(settings)}/provider-events",
        "ROOM_SERVER_WEBHOOK_SECRET": DEMO_SECRET,
        "ROOM_SERVER_ALLOWED_ORIGINS": f"{origin.scheme}://{origin.netloc}",
        "ROOM_SERVER_DATA": str(settings.sammen_var / "roomserver"),
        "ROOM_SERVER_POINTS_PER_MINUTE": _POINTS_PER_MINUTE,
    }


def xl_rooms(health: Mapping[str, Any], install: str | None) -> str:
    """A line on how large XL rooms are, from the room server's health. `install` brings a Janus that is missing."""
    if health["sfu"]:
        return f"XL rooms run on Janus: up to {health['group_capacity']} people in each."
    why = f"Janus is not installed. For larger ones: {install}" if install else health["sfu_problem"]
    return f"XL rooms take {health['group_capacity']} people, whose browsers connect to one another: {why}"


def merged(inherited: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """The children's environment: what was set stays, what was empty or missing is added."""
    return {**inherited, **{name: value for name, value in added.items() if not inherited.get(name)}}


def as_shell(variables: Mapping[str, str]) -> str:
    """The variables as lines that a shell reads, so that `./sammen …` in a second terminal finds the same parts."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
