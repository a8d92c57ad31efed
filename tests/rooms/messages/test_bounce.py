"""Reading mail that came back: what it is about, what it means, and that no bytes do harm."""

import uuid
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.messages.channels.bounce import MOST_BYTES, Bounce, read_bounce
from tests.support.reports import report

ID = uuid.UUID("0b6fa8c6-5b7b-4f0e-9a53-0c9b7a4f2d11")


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.1.1", "5.1.1"),
        ("Failed", "5.2.2 (mailbox full)", "5.2.2"),
        ("failed", "4.4.7", "4.4.7"),  # given up after days
        ("failed", "what?", "5.0.0"),
        ("failed", "2.0.0", "5.0.0"),
    ],
)
def test_a_message_that_failed(returned: str, action: str, status: str, expected: str) -> None:
    raw = report(ID, action=action, status=status, returned=returned)
    assert read_bounce(raw) == Bounce(ID, expected)


@pytest.mark.parametrize(
    "raw",
    [
        report(ID, action="delayed", status="4.4.1"),
        report(ID, action="delivered", status="2.0.0"),
        report(ID, action="relayed", status="2.0.0"),
        report("somebody-elses"),
        report(ID).replace(b"multipart/report", b"multipart/mixed").replace(b"message/delivery-status", b"text/plain"),
        b"",
        b"From: amina@post.example\r\nSubject: Takk!\r\n\r\nJeg kommer.",
    ],
)
def test_all_other_mail_says_nothing(raw: bytes) -> None:
    assert read_bounce(raw) is None


def test_a_report_without_what_came_back_may_answer_it() -> None:
    whole = report("gone").replace(b"Auto-Submitted:", f"In-Reply-To: <{ID}@example.org>\r\nAuto-Submitted:".encode())
    assert read_bounce(whole) == Bounce(ID, "5.1.1")


def test_the_report_of_a_long_mail_is_read() -> None:
    assert read_bounce(report(ID).replace(b"/l/abc", b"x" * (2 * MOST_BYTES))) == Bounce(ID, "5.1.1")


def test_parts_in_parts_without_end_do_no_harm() -> None:
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(5000))
    assert read_bounce(raw) is None
    nested = EmailMessage()
    nested.set_content("x")
    assert read_bounce(b"Content-Type: message/rfc822\r\n\r\n" * 5000 + bytes(nested)) is None


@given(st.binary(max_size=3000))
def test_rubbish_says_nothing(raw: bytes) -> None:
    assert read_bounce(raw) is None


@given(st.data())
def test_a_damaged_report_says_the_truth_or_nothing(data: st.DataObject) -> None:
    """Some bytes of a good report are others, or missing, or more."""
    raw = bytearray(report(ID))
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        raw[start:end] = data.draw(st.binary(max_size=40) | st.sampled_from([b"\r\n", b"\r\n\r\n", b"\xff\xfe", b"--"]))
    found = read_bounce(bytes(raw))
    assert found is None or isinstance(found.message_id, uuid.UUID)
    if found is not None:
        assert found.status[0] in "45"
        assert found.status.count(".") == 2
