"""No link, token, address or number of a person survives in the log."""

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.logging import scrub
from rooms.access.rules.codes import Purpose, make_code
from rooms.access.rules.tokens import Audience, claim, write_token

KEYS = {"k": "s" * 32}
around = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30).map(lambda text: f" {text} ")
hosts = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z]{2,6}){1,2}", fullmatch=True)


@given(st.uuids(), around, around)
def test_links(row_id: uuid.UUID, before: str, after: str) -> None:
    code = make_code(Purpose.LINK, KEYS["k"], row_id)
    for text in (
        f"/l/{code}",
        f"https://sammen.example/l/{code}?lang=ar",
        f"GET /sign-in/{code} HTTP/1.1",
        f"/calendar/{code}.ics",
    ):
        assert code not in scrub(f"{before}{text}{after}")


@given(st.sampled_from(Audience), around, around)
def test_tokens(audience: Audience, before: str, after: str) -> None:
    token = write_token(
        claim(
            audience,
            person_id=uuid.uuid4(),
            centre_id=uuid.uuid4(),
            proof_id=uuid.uuid4(),
            language="nb",
            now=datetime(2026, 11, 23, tzinfo=UTC),
        ),
        KEYS,
    )
    scrubbed = scrub(f"{before}{token}{after}")
    assert not any(part in scrubbed for part in token.split("."))


@given(st.from_regex(r"[a-z0-9][a-z0-9.+_-]{2,20}", fullmatch=True), hosts, around, around)
def test_addresses_of_people(name: str, host: str, before: str, after: str) -> None:
    assert f"{name}@{host}" not in scrub(f"{before}{name}@{host}{after}")
    assert name not in scrub(f"<{name}@{host}>")


@given(
    st.sampled_from(
        ["+47 {} {} {} {}", "+47{}{}{}{}", "{} {} {} {}", "0047 {}{}{}{}", "+47-{}-{}-{}-{}", "({}) {} {} {}"]
    ),
    st.lists(st.integers(20, 99), min_size=4, max_size=4),
)
def test_phone_numbers(shape: str, pairs: list[int]) -> None:
    number = shape.format(*pairs)
    scrubbed = "".join(letter for letter in scrub(f"call {number} now") if letter.isdecimal())
    assert len(scrubbed) < 8, scrubbed


@pytest.mark.parametrize("name", ["roomKey", "token", "code", "password", "api_key", "WHEREBY_API_KEY", "secret"])
def test_what_is_named_as_a_secret(name: str) -> None:
    for text in (f"https://x.example/r?{name}=s3cr3t-Value&a=1", f"{name}=s3cr3t-Value", f'"{name}=s3cr3t-Value"'):
        assert "s3cr3t-Value" not in scrub(text)


@pytest.mark.parametrize(
    "url",
    ["postgresql://sammen:s3cret@db/x", "redis://:s3cret@redis/0", "smtp://a@b.example:s3cret@mail:587"],
)
def test_passwords_in_addresses(url: str) -> None:
    assert "s3cret" not in scrub(f"cannot connect to {url}")


@given(st.text())
def test_scrubbing_never_breaks_and_does_not_grow_by_repetition(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once


def logged(program: str, repository: Path) -> list[dict[str, object]]:
    """What a process of its own writes to its log, since logging is set up once a process."""
    lines = f"""
        import logging, structlog
        from config.logging import set_up
        set_up("INFO", "test")
        log = structlog.get_logger("ours")
        {program}
    """
    answer = subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in lines.splitlines())],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert answer.stdout == ""
    return [json.loads(line) for line in answer.stderr.splitlines()]


def test_one_json_object_a_line_with_level_time_and_process(repository: Path) -> None:
    (line,) = logged('log.info("room made", room_id="7c3ffbbe-0000-4000-8000-123456789012", seconds=0.25)', repository)
    assert line["event"] == "room made"
    assert (line["level"], line["process"], line["seconds"]) == ("info", "test", 0.25)
    assert line["room_id"] == "7c3ffbbe-0000-4000-8000-123456789012"  # ids of ours survive
    assert str(line["timestamp"]).endswith("Z")


def test_a_librarys_message_and_an_exceptions_text_are_scrubbed_too(repository: Path) -> None:
    first, second = logged(
        """
        logging.getLogger("aiosmtplib").warning("refused: %s", "kari@klepp.example")
        secret = "Key (email)=(amina@post.example) +47 51 00 00 00 /l/abcdefgh12345678"
        error = ValueError(secret)
        log.error("task failed", to="yusuf@post.example", exc_info=error)
        """,
        repository,
    )
    assert first["level"] == "warning"
    assert "ValueError" in str(second["exception"])
    for secret in ("kari", "amina", "yusuf", "51 00 00", "abcdefgh"):
        assert secret not in f"{first}{second}"


def test_what_is_nested_in_a_field_is_scrubbed(repository: Path) -> None:
    (line,) = logged(
        """
        log.info("sent", people=["kari@klepp.example"], to={"a@b.example": "amina@post.example"}, e=OSError("x@y.no"))
        """,
        repository,
    )
    assert "@" not in json.dumps(line, ensure_ascii=False).replace("…@…", "")
