"""Settings of the embedded default: what it keeps where, and which of its parts are replaced by others."""

import os
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from config.settings.service import Mode
from config.settings.types import DatabaseUrl, EnvironmentSettings, HttpUrl, RedisUrl, SmtpUrl

ROOT = Path(__file__).resolve().parents[2]


class EmbeddedSettings(EnvironmentSettings):
    """What the supervisor and the parts that it runs need to know. A URL that is set replaces the embedded part."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    sammen_mode: Mode = Mode.DEMO
    sammen_var: Path = Field(ROOT / "var", description="a folder for data and logs; relative to the repository")
    postgres_bin: Path | None = Field(None, description="the folder that holds PostgreSQL's initdb and postgres")
    janus_bin: Path | None = Field(None, description="the Janus program, for XL rooms; otherwise this machine's own")
    janus_media_ports: str = Field(
        "20000-20999", pattern=r"^\d{4,5}-\d{4,5}$", description="UDP ports for sound and pictures: from-to"
    )

    web_host: str = "127.0.0.1"
    web_port: int = Field(8080, ge=1, le=65535, description="a port on this machine")
    room_server_port: int = Field(8081, ge=1, le=65535, description="a port on this machine")
    mailbox_port: int = Field(8025, ge=1, le=65535, description="a port on this machine")
    smtp_port: int = Field(2525, ge=1, le=65535, description="a port on this machine")

    public_url: HttpUrl | None = Field(None, description="the address that people reach the service at")
    database_url: DatabaseUrl | None = Field(None, description="PostgreSQL instead of the private one")
    redis_url: RedisUrl | None = Field(None, description="Redis instead of the private one")
    smtp_url: SmtpUrl | None = Field(None, description="a mail server instead of the mailbox")
    whereby_api_url: HttpUrl | None = Field(None, description="the provider instead of the embedded room server")

    @field_validator("sammen_var")
    @classmethod
    def _below_the_repository(cls, value: Path) -> Path:
        return ROOT / value


def inherited() -> dict[str, str]:
    """This process's own environment, for its children."""
    return dict(os.environ)
