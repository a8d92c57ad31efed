"""Settings of web, worker and beat."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from config.settings.types import (
    DatabaseUrl,
    EnvironmentSettings,
    HttpUrl,
    ImapUrl,
    KeyRing,
    RedisUrl,
    SmsUrl,
    SmtpUrl,
)

#: Everything that the embedded default signs with. A production start refuses it.
DEMO_SECRET = "demo-only-secret-never-use-it-outside-this-machine"  # noqa: S105 - public on purpose


class Mode(StrEnum):
    """`demo` is the embedded default on this machine; `production` refuses its secrets and plain http."""

    DEMO = "demo"
    PRODUCTION = "production"


class Settings(EnvironmentSettings):
    """What web, worker and beat need to know."""

    sammen_mode: Mode = Field(Mode.DEMO, description="demo or production")
    database_url: DatabaseUrl = Field(description="PostgreSQL: postgresql://user:password@host/database")
    redis_url: RedisUrl = Field(description="redis://host:6379/0 or unix:///path/to.sock?db=0")
    smtp_url: SmtpUrl = Field(description="smtp://user:password@host:587 (STARTTLS when offered) or smtps://host:465")
    sms_url: SmsUrl | None = Field(
        None,
        description="the SMS gateway, as Apprise spells it, {to} for the number: 46elks://user:password@Sender/{to}",
    )
    sms_report_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="the password that the gateway gives when it reports to /sms-reports what became of an SMS",
    )
    mail_from: str = Field("sammen@localhost", description="the address that e-mail comes from")

    whereby_api_url: HttpUrl = Field(description="the provider's API, with its version: https://api.whereby.dev/v1")
    whereby_api_key: SecretStr = Field(description="the provider's API key")
    whereby_webhook_secret: SecretStr = Field(description="the provider's secret for signing webhooks")
    whereby_points_per_minute: int = Field(100, ge=10, description="the organisation's budget: 100 (Build) or 1000")
    room_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        description="hosts that a room's address may have (port too, when unusual), commas between; *.whereby.com works"
    )
    installation: str = Field(
        "sammen", pattern=r"^[a-z][a-z0-9]{1,11}$", description="begins our room names, so that we only delete our own"
    )

    secret_keys: KeyRing = Field(description="name:secret,… ; the first signs, the others are still accepted")
    public_url: HttpUrl = Field(description="the address that people reach the service at; links begin with it")
    web_host: str = "127.0.0.1"
    web_port: int = Field(8080, ge=1, le=65535)
    trusted_proxies: int = Field(0, ge=0, le=5, description="how many proxies of ours stand before the web process")

    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    metrics_token: SecretStr | None = Field(None, description="asked for by /metrics, when set")
    bounce_imap_url: ImapUrl | None = Field(
        None, description="the mailbox of MAIL_FROM, to find what comes back: imaps://user:password@host/INBOX"
    )

    @field_validator("room_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(host.strip() for host in value.split(",") if host.strip())

    @model_validator(mode="after")
    def _no_demo_in_production(self) -> Self:
        if self.sammen_mode is not Mode.PRODUCTION:
            return self
        secrets = {
            "SECRET_KEYS": self.secret_keys,
            "WHEREBY_API_KEY": self.whereby_api_key,
            "WHEREBY_WEBHOOK_SECRET": self.whereby_webhook_secret,
        }
        for name, secret in secrets.items():
            if DEMO_SECRET in secret.get_secret_value():
                raise ValueError(f"{name} still holds the demo's secret, which is public: make a new one")
        if not self.public_url.startswith("https://"):
            raise ValueError("PUBLIC_URL has to begin with https:// (browsers give no camera to other pages)")
        return self

    @cached_property
    def key_ring(self) -> dict[str, str]:
        """Signing keys by name; the first is the one to sign with."""
        pairs = (pair.partition(":") for pair in self.secret_keys.get_secret_value().split(","))
        return {name: secret for name, _, secret in pairs}

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry `Secure` and the `__Host-` prefix wherever the service is reached by https."""
        return self.public_url.startswith("https://")
