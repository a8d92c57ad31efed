"""The mailbox that mail comes back to, by IMAP: which reports are unread, what they say, and that they were read."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from rooms.messages.channels.bounce import MOST_BYTES

#: Seconds that the server may be silent.
_TIMEOUT = 10
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoMailbox(Exception):
    """The mailbox cannot be read now. `str()` names the kind of error, without its text, which may hold anything."""


class BounceMailbox:
    """One folder's delivery reports; all other mail in it is left as it is. Every call may raise NoMailbox.

    Blocks: call it in a thread. `url`: imaps://user:password@host/folder, or imap:// where STARTTLS is offered.
    """

    def __init__(self, url: SecretStr) -> None:
        parts = urlsplit(url.get_secret_value())
        host = parts.hostname or "localhost"
        # Python's own default for IMAP checks no certificate.
        tls = ssl.create_default_context()
        self._imap: imaplib.IMAP4
        with _talking():
            if parts.scheme == "imaps":
                self._imap = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=tls, timeout=_TIMEOUT)
            else:
                self._imap = imaplib.IMAP4(host, parts.port or 143, timeout=_TIMEOUT)
            try:
                if parts.scheme == "imap" and host not in _LOOPBACK:  # no password goes over the net in the clear
                    self._imap.starttls(tls)
                self._imap.login(unquote(parts.username or ""), unquote(parts.password or ""))
                _good(self._imap.select(f'"{unquote(parts.path.strip("/")) or "INBOX"}"'))
            except BaseException:
                self._imap.shutdown()
                raise

    def unread(self) -> list[str]:
        """The UIDs of reports that nobody has read, the oldest first."""
        with _talking():
            found = _good(self._imap.uid("SEARCH", "UNSEEN", "HEADER", "Content-Type", '"multipart/report"'))
        return [uid.decode("ascii") for line in found if isinstance(line, bytes) for uid in line.split()]

    def fetch(self, uid: str) -> bytes:
        """The mail's beginning; it stays unread. Empty when somebody has taken it away."""
        with _talking():
            found = _good(self._imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def mark_read(self, uid: str) -> None:
        """From now on `unread` leaves it out."""
        with _talking():
            _good(self._imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))

    def close(self) -> None:
        """Say goodbye, if anybody listens. Raises nothing."""
        try:
            self._imap.logout()
        except _TROUBLE:
            self._imap.shutdown()


_TROUBLE = (imaplib.IMAP4.error, OSError, UnicodeError)


@contextmanager
def _talking() -> Iterator[None]:
    try:
        yield
    except _TROUBLE as error:
        raise NoMailbox(type(error).__name__) from None


def _good(answer: tuple[str, list[Any]]) -> list[Any]:
    status, found = answer
    if status != "OK":
        raise imaplib.IMAP4.error("refused")
    return found
