"""What settings are made of: checked types, and the loader that turns a wrong environment into a readable answer.

This package is the only reader of the environment. A wrong setting stops the start with the variable's name and what
it expects; values are never shown, since any of them may hold a secret.
"""

from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET_LENGTH = 32


class WrongSettings(Exception):
    """One or more settings are missing or wrong; `str()` is a line for each, without any value."""


class EnvironmentSettings(BaseSettings):
    """Base of every settings class: frozen; the variable is the field's name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


SettingsKind = TypeVar("SettingsKind", bound=EnvironmentSettings)


def url(*schemes: str) -> AfterValidator:
    """A check that an address has one of these schemes."""

    def check(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError("expects a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return AfterValidator(check)


def secret_url(*schemes: str) -> AfterValidator:
    """The same for an address that holds a password."""

    def check(value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in schemes:
            raise ValueError("expects a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return AfterValidator(check)


def _sms_url(value: SecretStr) -> SecretStr | None:
    """Empty: no SMS."""
    if not value.get_secret_value():
        return None
    from apprise import Apprise  # noqa: PLC0415 - a third of a second, for those who send SMS only

    example = value.get_secret_value().replace("{to}", "+4751000000").replace("{id}", "0")
    if "{to}" not in value.get_secret_value() or Apprise.instantiate(example, suppress_exceptions=True) is None:
        raise ValueError("expects an address as Apprise knows them, with {to} in the place of the number")
    return value


def _key_ring(value: SecretStr) -> SecretStr:
    pairs = [pair.partition(":") for pair in value.get_secret_value().split(",")]
    names = [name for name, _, _ in pairs]
    too_short = any(len(secret) < MIN_SECRET_LENGTH for _, _, secret in pairs)
    if too_short or not all(names) or len(set(names)) != len(names):
        raise ValueError(
            "expects name:secret pairs with commas between, each name once, "
            f"each secret {MIN_SECRET_LENGTH} characters or more"
        )
    return value


def _imap_url(value: SecretStr) -> SecretStr | None:
    """Empty: no mailbox."""
    if not value.get_secret_value():
        return None
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username or not parts.password:
        raise ValueError("expects imaps://user:password@host/folder")
    return value


DatabaseUrl = Annotated[SecretStr, secret_url("postgresql", "postgres")]
RedisUrl = Annotated[SecretStr, secret_url("redis", "rediss", "unix")]
SmsUrl = Annotated[SecretStr, AfterValidator(_sms_url)]
SmtpUrl = Annotated[SecretStr, secret_url("smtp", "smtps")]
HttpUrl = Annotated[str, url("http", "https"), AfterValidator(lambda value: value.rstrip("/"))]
KeyRing = Annotated[SecretStr, AfterValidator(_key_ring)]
ImapUrl = Annotated[SecretStr, AfterValidator(_imap_url)]


def load(kind: type[SettingsKind]) -> SettingsKind:
    """Read the environment. Raises WrongSettings, whose text names each wrong variable and shows no value."""
    try:
        return kind()
    except ValidationError as error:
        raise WrongSettings("\n".join(_lines(kind, error))) from None


def _lines(kind: type[EnvironmentSettings], error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        text = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            lines.append(text)
            continue
        field = str(problem["loc"][0])
        known = kind.model_fields.get(field.lower())
        hint = f" ({known.description})" if known is not None and known.description else ""
        lines.append(f"{field.upper()}: {'is not set' if problem['type'] == 'missing' else text}{hint}")
    return lines
