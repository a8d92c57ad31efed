"""A wrong setting names its variable and what it expects, and never shows a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import DEMO_SECRET, Mode, Settings, WrongSettings, load

SECRET = "hunter2-hunter2-hunter2-hunter2-hunter2"
GOOD = {
    "SAMMEN_MODE": "production",
    "DATABASE_URL": "postgresql://sammen:hunter2@db/sammen",
    "REDIS_URL": "redis://:hunter2@redis/0",
    "SMTP_URL": "smtp://sammen:hunter2@mail:587",
    "WHEREBY_API_URL": "https://api.whereby.dev/v1/",
    "WHEREBY_API_KEY": SECRET,
    "WHEREBY_WEBHOOK_SECRET": SECRET,
    "ROOM_HOSTS": "*.whereby.com, rooms.example:8443",
    "SECRET_KEYS": f"new:{SECRET},old:{SECRET}x",
    "PUBLIC_URL": "https://sammen.example",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_a_good_environment() -> None:
    settings = load(Settings)
    assert settings.sammen_mode is Mode.PRODUCTION
    assert settings.key_ring == {"new": SECRET, "old": f"{SECRET}x"}
    assert next(iter(settings.key_ring)) == "new"
    assert settings.room_hosts == ("*.whereby.com", "rooms.example:8443")
    assert settings.whereby_api_url == "https://api.whereby.dev/v1"
    assert settings.secure_cookies


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"SAMMEN_MODE"}))
def test_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(WrongSettings, match=f"^{name}: is not set") as error:
        load(Settings)
    assert "hunter2" not in str(error.value)


WRONG = {
    "SAMMEN_MODE": ("hunter2", "'demo' or 'production'"),
    "DATABASE_URL": ("mysql://sammen:hunter2@db/x", "postgresql://"),
    "REDIS_URL": ("http://hunter2", "redis://"),
    "SMTP_URL": ("hunter2", "smtp://"),
    "SMS_URL": ("hunter2://x@y/{to}", "{to}"),
    "WHEREBY_API_URL": ("hunter2", "https://"),
    "SECRET_KEYS": ("hunter2", "32 characters"),
    "PUBLIC_URL": ("hunter2", "https://"),
    "WEB_PORT": ("hunter2", "integer"),
    "WHEREBY_POINTS_PER_MINUTE": ("1", "10"),
    "INSTALLATION": ("Hunter2 hunter2", "pattern"),
    "BOUNCE_IMAP_URL": ("imaps://hunter2@mail.example", "imaps://user"),
    "LOG_LEVEL": ("hunter2", "DEBUG"),
    "TRUSTED_PROXIES": ("hunter2", "integer"),
}


@pytest.mark.parametrize(("name", "value", "expects"), [(name, *rest) for name, rest in WRONG.items()])
def test_a_wrong_one_is_named_with_what_it_expects(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expects: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings) as error:
        load(Settings)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{name}: ")
    assert expects in line
    assert "hunter2" not in line.lower()


@pytest.mark.parametrize("keys", ["", "new", f"new:{SECRET},new:{SECRET}", f":{SECRET}", f"new:{SECRET},old:short"])
def test_what_is_no_ring_of_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("SECRET_KEYS", keys)
    with pytest.raises(WrongSettings, match="SECRET_KEYS"):
        load(Settings)


def test_all_wrong_ones_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "x")
    monkeypatch.setenv("REDIS_URL", "x")
    monkeypatch.delenv("SMTP_URL")
    with pytest.raises(WrongSettings) as error:
        load(Settings)
    assert {line.partition(":")[0] for line in str(error.value).splitlines()} == {"WEB_PORT", "REDIS_URL", "SMTP_URL"}


@pytest.mark.parametrize("name", ["SECRET_KEYS", "WHEREBY_API_KEY", "WHEREBY_WEBHOOK_SECRET"])
def test_production_refuses_the_demos_secrets(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, f"new:{DEMO_SECRET}" if name == "SECRET_KEYS" else DEMO_SECRET)
    with pytest.raises(WrongSettings, match=name) as error:
        load(Settings)
    assert DEMO_SECRET not in str(error.value)
    monkeypatch.setenv("SAMMEN_MODE", "demo")
    load(Settings)


def test_production_is_reached_by_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://sammen.example")
    with pytest.raises(WrongSettings, match="PUBLIC_URL"):
        load(Settings)


def test_settings_that_are_shown_show_no_secret() -> None:
    settings = load(Settings)
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "hunter2" not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(Settings).log_level = "DEBUG"  # type: ignore[misc]  # that is what the test is about


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_no_environment_breaks_the_start_in_another_way(values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        assert all(line.split()[0].rstrip(":") in GOOD for line in _told())


def _told() -> list[str]:
    """The lines that a wrong environment is answered with."""
    try:
        load(Settings)
    except WrongSettings as error:
        return str(error).splitlines()
    return []
