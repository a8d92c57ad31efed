"""The SMTP side: takes what comes, on loopback, without encryption or sign-in."""

# ruff: noqa: ARG002, N802 - aiosmtpd gives the methods their names and arguments
import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from rooms.embedded.mailbox.rules import behaviour
from rooms.embedded.mailbox.store import MailStore

_SIZE_LIMIT = 10_000_000


@dataclass(slots=True)
class Sink:
    """What aiosmtpd asks at each step; the names of the methods are its."""

    store: MailStore
    seen: set[str] = field(default_factory=set)

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """RCPT TO: refuse, or note the recipient."""
        refusal = behaviour(address, self.seen).refusal
        if refusal:
            self.seen.add(address)
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
    ) -> str:
        """The message itself: keep it for each recipient, then answer as their names ask."""
        behaviours = [behaviour(recipient, self.seen) for recipient in envelope.rcpt_tos]
        self.seen.update(envelope.rcpt_tos)
        await asyncio.sleep(max(each.wait for each in behaviours))
        for recipient in envelope.rcpt_tos:
            self.store.add(recipient, envelope.original_content or b"")
        if any(each.breaks_off for each in behaviours) and server.transport is not None:
            server.transport.close()
        return "250 OK"


async def listen(store: MailStore, host: str, port: int) -> asyncio.Server:
    """Take messages into `store` from now on. Port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    sink = Sink(store)
    return await loop.create_server(
        lambda: SMTP(
            sink, hostname="localhost", data_size_limit=_SIZE_LIMIT, enable_SMTPUTF8=True, loop=loop, ident="mailbox"
        ),
        host,
        port,
    )
