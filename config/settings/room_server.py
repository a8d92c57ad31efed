"""Settings of the embedded room server, an application of its own."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from config.settings.types import MIN_SECRET_LENGTH, EnvironmentSettings, HttpUrl, url


class RoomServerSettings(EnvironmentSettings):
    """What the room server needs to know."""

    room_server_host: str = "127.0.0.1"
    room_server_port: int = Field(8081, ge=1, le=65535)
    room_server_url: HttpUrl = Field(description="the address that rooms' addresses begin with")
    room_server_api_keys: SecretStr = Field(description="API keys that are let in, commas between")
    room_server_webhook_url: HttpUrl | None = Field(None, description="where events are posted to")
    room_server_webhook_secret: SecretStr = Field(description="what events are signed with")
    room_server_allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        description="origins whose pages may embed rooms and command them, commas between"
    )
    room_server_data: Path = Field(description="a folder for rooms and undelivered events")
    room_server_points_per_minute: int = Field(100, ge=5, description="the API's budget")
    room_server_ice_servers: Annotated[tuple[dict[str, Any], ...], NoDecode] = Field(
        (), description='STUN and TURN servers as a JSON list: [{"urls": "turn:turn.example.org:3478"}]'
    )
    room_server_turn_secret: SecretStr | None = Field(
        None, description="the TURN server's shared secret (coturn: static-auth-secret)"
    )
    room_server_janus_url: Annotated[str, url("ws", "wss", "unix")] | None = Field(
        None, description="the Janus that XL rooms run on: ws://127.0.0.1:8188 or unix:///path/of/socket"
    )
    room_server_janus_secret: SecretStr = Field(SecretStr(""), description="Janus's api_secret")
    room_server_janus_admin_key: SecretStr = Field(SecretStr(""), description="the VideoRoom plugin's admin_key")
    room_server_cameras: int = Field(
        9, ge=1, le=24, description="pictures that an XL room shows at a time; two cores carry 9 for 50 people"
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("room_server_allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())

    @field_validator("room_server_ice_servers", mode="before")
    @classmethod
    def _read_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            servers = json.loads(value or "[]")
        except ValueError:
            servers = None
        if not isinstance(servers, list) or not all(isinstance(each, dict) and each.get("urls") for each in servers):
            raise ValueError('expects a JSON list of ICE servers, each an object with "urls"')
        return tuple(servers)

    @field_validator("room_server_api_keys")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if any(len(key.strip()) < MIN_SECRET_LENGTH for key in value.get_secret_value().split(",")):
            raise ValueError(f"expects keys of {MIN_SECRET_LENGTH} characters or more, commas between")
        return value
