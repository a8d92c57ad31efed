"""Both sides of the mailbox in one process: SMTP in, page out."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from config import clock
from rooms.embedded.mailbox import sink
from rooms.embedded.mailbox.page import make_page
from rooms.embedded.mailbox.store import MailStore

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A running mailbox: where to send to, where to look, and what has come."""

    smtp_url: str
    page_url: str
    store: MailStore


@asynccontextmanager
async def running(folder: Path, *, smtp_port: int = 0, page_port: int = 0) -> AsyncIterator[Mailbox]:
    """A mailbox on this loop, on loopback, its messages in `folder`. Port 0 takes a free one."""
    store = MailStore(folder, clock.now)
    runner = web.AppRunner(make_page(store), access_log=None, shutdown_timeout=1)
    await runner.setup()
    smtp = await sink.listen(store, HOST, smtp_port)
    try:
        site = web.TCPSite(runner, HOST, page_port)
        await site.start()
        taken_smtp_port = smtp.sockets[0].getsockname()[1]
        taken_page_port = runner.addresses[0][1]
        yield Mailbox(f"smtp://{HOST}:{taken_smtp_port}", f"http://localhost:{taken_page_port}", store)
    finally:
        smtp.close()
        await runner.cleanup()


async def serve(folder: Path, *, smtp_port: int, page_port: int) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(folder, smtp_port=smtp_port, page_port=page_port):
        await stop.wait()
