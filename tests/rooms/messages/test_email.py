"""E-mail against a real SMTP server: reused connections, errors that mean later or never, headers that hold."""

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rooms.embedded.mailbox.serve import Mailbox, running
from rooms.messages.channels import email as channel
from rooms.messages.channels.email import CONNECTIONS, Mailer, NotSent
from rooms.messages.channels.mime import Mail, Sender, build
from rooms.messages.rules import Composed

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
KLEPP = Sender("Frivilligsentralen i Klepp", "sammen@example.org", "post@klepp.example")
COMPOSED = Composed("Invitasjon: Språktrening", "Hei!\n\nhttps://x.example/l/abc\n", "<p>Hei!</p>")


def letter(to: str = "amina@post.example", message_id: uuid.UUID | None = None) -> Mail:
    return build(message_id or uuid.uuid4(), to, KLEPP, COMPOSED, language="nb", now=NOW)


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with running(tmp_path / "mail") as mailbox:
        yield mailbox


@pytest.fixture
async def mailer(mailbox: Mailbox) -> AsyncIterator[Mailer]:
    async with Mailer(SecretStr(mailbox.smtp_url)) as mailer:
        yield mailer


async def test_a_letter_arrives_as_it_was_written(mailbox: Mailbox, mailer: Mailer) -> None:
    message_id = uuid.uuid4()
    await mailer.send(letter(message_id=message_id))
    (message,) = mailbox.store.newest_first()
    assert message.recipient == "amina@post.example"
    assert message.sender == "Frivilligsentralen i Klepp <sammen@example.org>"
    assert message.subject == "Invitasjon: Språktrening"
    assert "https://x.example/l/abc" in message.text.splitlines()
    assert "<p>Hei!</p>" in message.html
    assert message.message_id == f"<{message_id}@example.org>"


def test_headers_say_who_writes_and_that_a_machine_does() -> None:
    email = message_from_bytes(letter().raw, policy=policy.default)
    assert email["Reply-To"] == "Frivilligsentralen i Klepp <post@klepp.example>"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Content-Language"] == "nb"
    assert email["Date"].datetime == NOW
    assert email.get_content_type() == "multipart/alternative"


def test_the_centre_can_be_asked_for_no_more_except_of_sign_ins() -> None:
    email = message_from_bytes(letter().raw, policy=policy.default)
    assert email["List-Unsubscribe"] == "<mailto:post@klepp.example?subject=unsubscribe>"
    sign_in = build(uuid.uuid4(), "a@b.example", KLEPP, COMPOSED, language="nb", now=NOW, can_decline=False)
    assert b"List-Unsubscribe" not in sign_in.raw


async def test_a_message_that_comes_twice_is_shown_once(mailbox: Mailbox, mailer: Mailer) -> None:
    """The Message-ID is the row's, so a mail store can tell."""
    message_id = uuid.uuid4()
    for _ in range(2):
        await mailer.send(letter(message_id=message_id))
    (message,) = mailbox.store.newest_first()
    assert message.deliveries == 2


@pytest.mark.parametrize(
    ("recipient", "code", "permanent"),
    [
        ("bounce@post.example", "550", True),
        ("later@post.example", "451", False),
        ("lost@post.example", "disconnected", False),
    ],
)
async def test_errors_mean_later_or_never(mailer: Mailer, recipient: str, code: str, permanent: bool) -> None:
    with pytest.raises(NotSent) as caught:
        await mailer.send(letter(recipient))
    assert (caught.value.code, caught.value.permanent, caught.value.outage) == (code, permanent, False)
    await mailer.send(letter())  # the connection, or a new one, is good for the next


@pytest.mark.parametrize(
    "address", ["two words@post.example", "nobody", "a@b.example\r\nBcc: c@d.example", "å@b.example"]
)
def test_an_address_that_is_none_is_refused_before_anybody_is_asked(address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        letter(address)


async def test_a_server_that_is_away_is_no_fault_of_the_message() -> None:
    async with Mailer(SecretStr("smtp://127.0.0.1:9")) as mailer:
        with pytest.raises(NotSent) as caught:
            await mailer.send(letter())
    assert (caught.value.code, caught.value.outage, caught.value.untried) == ("no_connection", True, True)


async def test_a_slow_server_is_given_up(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SEND_TIMEOUT", 0.2)
    with pytest.raises(NotSent) as caught:
        await mailer.send(letter("slow-20@post.example"))
    assert (caught.value.code, caught.value.outage, caught.value.untried) == ("timeout", True, False)
    await mailer.send(letter())


@given(text=st.text(), where=st.sampled_from(["name", "subject", "reply_to", "to"]))
def test_no_text_becomes_a_header(text: str, where: str) -> None:
    nasty = f"x{text}\r\nBcc: thief@example.org\r\n\r\nbody"
    sender = Sender(
        nasty if where == "name" else "Klepp", "sammen@example.org", nasty if where == "reply_to" else "a@b.no"
    )
    composed = Composed(nasty if where == "subject" else "Hei", "text", "<p>html</p>")
    to = nasty if where == "to" else "amina@post.example"
    try:
        email = build(uuid.uuid4(), to, sender, composed, language="nb", now=NOW)
    except ValueError:
        assert where == "to"
        return
    sent = message_from_bytes(email.raw, policy=policy.default)
    assert "Bcc" not in sent
    assert sent["To"] == "amina@post.example"
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert set(sent.keys()) <= {
        "To",
        "From",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "List-Unsubscribe",
        "MIME-Version",
        "Content-Type",
    }


class Server:
    """An SMTP server that counts its connections, and can ask for TLS and a password."""

    def __init__(self) -> None:
        self.connections: list[SMTP] = []
        self.messages = 0
        self.encrypted: list[bool] = []
        self.passwords: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages += 1
        self.encrypted.append(server.transport is not None and bool(server.transport.get_extra_info("sslcontext")))
        return "250 OK"

    def sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.passwords.append((data.login, data.password))
        return AuthResult(success=True)


@asynccontextmanager
async def listening(server: Server, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        protocol = SMTP(server, hostname="localhost", loop=loop, **options)
        server.connections.append(protocol)
        return protocol

    listener = await loop.create_server(connected, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for protocol in server.connections:
            if protocol.transport is not None:
                protocol.transport.close()


async def test_connections_are_few_and_reused() -> None:
    server = Server()
    async with listening(server) as port, Mailer(SecretStr(f"smtp://127.0.0.1:{port}")) as mailer:
        await asyncio.gather(*(mailer.send(letter()) for _ in range(100)))
    assert server.messages == 100
    assert len(server.connections) == CONNECTIONS


async def test_a_connection_is_not_worn_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "_MOST_PER_CONNECTION", 10)
    server = Server()
    async with listening(server) as port, Mailer(SecretStr(f"smtp://127.0.0.1:{port}")) as mailer:
        for _ in range(30):
            await mailer.send(letter())
    assert (server.messages, len(server.connections)) == (30, 3)


async def test_a_connection_that_died_meanwhile_costs_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "_DOUBTFUL_AFTER", 0)
    server = Server()
    async with listening(server) as port, Mailer(SecretStr(f"smtp://127.0.0.1:{port}")) as mailer:
        await mailer.send(letter())
        transport = server.connections[0].transport
        assert transport is not None
        transport.close()
        await mailer.send(letter())
    assert (server.messages, len(server.connections)) == (2, 2)


@pytest.fixture
async def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ssl.SSLContext]:
    """The TLS side of a server on localhost, with a certificate that this process trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def context() -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.load_cert_chain(certificate, key)
        return made

    return context


async def test_starttls_is_used_where_it_is_offered(encrypted: Callable[[], ssl.SSLContext]) -> None:
    server = Server()
    async with (
        listening(server, tls_context=encrypted()) as port,
        Mailer(SecretStr(f"smtp://localhost:{port}")) as mailer,
    ):
        await mailer.send(letter())
    assert server.encrypted == [True]


async def test_a_password_is_given_after_encryption(encrypted: Callable[[], ssl.SSLContext]) -> None:
    server = Server()
    options: dict[str, Any] = {"tls_context": encrypted(), "authenticator": server.sign_in, "auth_required": True}
    async with (
        listening(server, **options) as port,
        Mailer(SecretStr(f"smtp://us%40er:p%2Fss@localhost:{port}")) as mailer,
    ):
        await mailer.send(letter())
    assert server.passwords == [(b"us@er", b"p/ss")]
    assert server.encrypted == [True]


async def test_an_unknown_certificate_gets_nothing(
    encrypted: Callable[[], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = encrypted()
    monkeypatch.delenv("SSL_CERT_FILE")
    server = Server()
    async with listening(server, tls_context=context) as port, Mailer(SecretStr(f"smtp://localhost:{port}")) as mailer:
        with pytest.raises(NotSent) as caught:
            await mailer.send(letter())
    assert (caught.value.permanent, server.messages) == (False, 0)
