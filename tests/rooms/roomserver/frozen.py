"""A network in front of a room server that can go dead without a word, as a phone's does between two cells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Network:
    """Passes bytes on. What is frozen stays open and silent; connections made afterwards work."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._flows: set[asyncio.Event] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        """From now on nothing passes over the connections that are open."""
        for flow in self._flows:
            flow.clear()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from a browser."""
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        flow = asyncio.Event()
        flow.set()
        self._flows.add(flow)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pass_on(source, target, flow))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cut everything."""
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, flow: asyncio.Event) -> None:
    try:
        while block := await source.read(65536):
            await flow.wait()
            target.write(block)
            await target.drain()
        await flow.wait()
    except ConnectionError:
        pass
    finally:
        target.close()


@asynccontextmanager
async def network(own_port: int, port: int) -> AsyncIterator[Network]:
    """Listen on `own_port` and pass on to `port`, both on this machine."""
    running = Network(port)
    server = await asyncio.start_server(running.accept, "127.0.0.1", own_port)
    try:
        yield running
    finally:
        server.close()
        await running.stop()
