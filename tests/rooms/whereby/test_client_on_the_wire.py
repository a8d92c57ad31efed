"""The client as it runs, on a server that behaves badly on the wire: lost, cut, garbled and endless answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from rooms.whereby import client as client_file
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import ProviderDown
from tests.rooms.whereby.conftest import KEY
from tests.support.room_server import free_port

Misbehave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def bad_server(misbehave: Misbehave) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await misbehave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def hangs_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Nothing at all."""


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def is_cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"meetingId"')
    await writer.drain()


async def is_no_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.org ESMTP\r\n\r\n")
    await writer.drain()


async def claims_to_be_packed(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain")
    await writer.drain()


async def trickles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "misbehave", [hangs_up, resets, says_nothing, is_cut, is_no_http, claims_to_be_packed, trickles]
)
async def test_a_broken_answer_is_a_provider_that_is_down(
    misbehave: Misbehave, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_file, "_TIMEOUT", httpx.Timeout(0.2))
    monkeypatch.setattr(client_file, "_WHOLE_CALL", 0.4)
    monkeypatch.setattr(client_file, "_TRIES", 2)
    async with bad_server(misbehave) as url, WherebyClient(url, KEY, budget) as client, asyncio.timeout(5):
        with pytest.raises(ProviderDown):
            await client.get("1")


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
async def test_nobody_at_home_is_a_provider_that_is_down(budget: Budget, host: str) -> None:
    async with WherebyClient(f"http://{host}:{free_port()}/v1", KEY, budget) as client:
        with pytest.raises(ProviderDown):
            await client.get("1")


async def test_who_gives_up_is_let_go(budget: Budget) -> None:
    """A caller's own timeout is the caller's: it is no error of the provider, and nothing is tried again."""
    async with bad_server(says_nothing) as url, WherebyClient(url, KEY, budget) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.get("1")
