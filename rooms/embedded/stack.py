"""The whole service on one machine: its parts, when each is ready, and in which order they start."""

import asyncio
import errno
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx
from pydantic import SecretStr

from config.settings import EmbeddedSettings, Mode
from config.settings.embedded import ROOT
from rooms.embedded import janus, plan, postgres, processes, redis
from rooms.embedded.crew import Crew, Part, Program, started
from rooms.embedded.processes import CannotStart
from rooms.store import redis as redis_store

#: Seconds. The first start of a part on a slow machine with a cold disk; migrations of a large database.
_START_TIME = 60
_MIGRATION_TIME = 600
_PLANNER_TIME = 180
_DEMO_TIME = 60
#: Seconds that the room server may take to find the media server.
_JANUS_TIME = 5
_ROOM_SERVER = "room server"
#: Seconds that a port may still be held by what is just ending.
_PORT_PATIENCE = 2.0


class Stack:
    """The parts that run here, with the environment that they share."""

    def __init__(self, settings: EmbeddedSettings, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._settings = settings
        self._var = settings.sammen_var
        self._inherited = environment
        self._added = plan.additions(settings, None, None)
        self._say = say
        self._crew = Crew(say)
        self._janus: janus.Janus | None = None
        self._http = httpx.AsyncClient(timeout=5, trust_env=False)  # a proxy has no business on loopback
        self._web = plan.web_address(settings)

    async def start(self) -> None:
        """Start everything, those first that others need, and say where to go. Raises CannotStart."""
        began = time.monotonic()
        self._say(f"Starting Sammen på nett, its data in {self._var}")
        for port in plan.ports(self._settings):
            await _until_free(port)
        self._prepare_janus()
        await self._start_janus()
        await self._crew.start(*self._services(), *self._servers())
        await self._share_addresses()
        await asyncio.gather(self._migrate(), self._prepare_planner())
        await self._crew.start(
            self._program("web", "rooms.cli", "web", ready=self._answers(f"{self._web}/healthz")),
            self._program("worker", "rooms.cli", "worker", ready=self._worker_works, patience=20),
            self._program("live worker", "rooms.cli", "worker", "--only-live", ready=_at_once),
            self._program("beat", "rooms.cli", "beat", ready=self._worker_works),
        )
        self._say(f"Ready after {time.monotonic() - began:.1f} s\n")
        await self._say_where_to_go()

    async def stop(self) -> None:
        """End everything, the last started first."""
        await self._crew.stop()
        await self._http.aclose()
        (self._var / "environment").unlink(missing_ok=True)

    def _services(self) -> list[Part]:
        found = []
        if self._settings.database_url is None:
            found.append(Part("PostgreSQL", self._start_postgres))
        if self._settings.redis_url is None:
            found.append(Part("Redis", self._start_redis))
        return found

    def _servers(self) -> list[Part]:
        found = []
        at = f"http://{plan.LOOPBACK}"
        if self._settings.smtp_url is None:
            page = f"{at}:{self._settings.mailbox_port}/health"
            found.append(self._program("mailbox", "rooms.embedded.mailbox", ready=self._answers(page)))
        if self._settings.whereby_api_url is None:
            health = f"{at}:{self._settings.room_server_port}/health"
            found.append(self._program(_ROOM_SERVER, "rooms.roomserver", ready=self._answers(health)))
        return found

    async def _start_postgres(self) -> postgres.Running:
        folder = self._var / "postgres"
        running = await postgres.start(folder, binaries=self._settings.postgres_bin, log=self._log("postgres"))
        if running.folder != folder:
            self._say(f"  PostgreSQL keeps its data in {running.folder}: it does not run as root, nor reach {folder}")
        return running

    async def _start_redis(self) -> redis.Running:
        return await redis.start(self._var / "redis", log=self._log("redis"))

    def _prepare_janus(self) -> None:
        """Find the media server for XL rooms and give it secrets. Without one everything else works."""
        binary = janus.find(self._settings.janus_bin)
        if self._settings.whereby_api_url is None and binary is not None:
            self._janus = janus.prepare(self._var / "janus", binary, self._settings.janus_media_ports)

    async def _start_janus(self) -> None:
        prepared = self._janus
        if prepared is None:
            return

        async def start() -> janus.Running:
            return await janus.start(prepared, log=self._log("janus"))

        try:
            await self._crew.start(Part("Janus", start))
        except CannotStart as error:
            self._say(f"  {error}")

    def _program(
        self, name: str, module: str, *arguments: str, ready: Callable[[], Awaitable[bool]], patience: float = 12
    ) -> Part:
        """A part that is a Python module of ours."""

        async def start() -> Program:
            child = await self._python(name, module, *arguments)
            return await started(child, ready, seconds=_START_TIME, patience=patience)

        return Part(name, start)

    async def _python(self, name: str, *arguments: str, output: int | None = None) -> processes.Child:
        added = self._added
        if name == _ROOM_SERVER and self._janus is not None:
            added = added | self._janus.variables  # its secrets are nobody else's business
        return await processes.start(
            name,
            [sys.executable, "-m", *arguments],
            log=self._log(name.replace(" ", "-")),
            environment=plan.merged(self._inherited, added),
            folder=ROOT,
            output=output,
        )

    async def _share_addresses(self) -> None:
        """Let everything that starts from now on know the private services, and other terminals too."""
        running = self._crew.running
        database = None if self._settings.database_url else running("PostgreSQL", postgres.Running).url
        private_redis = None if self._settings.redis_url else running("Redis", redis.Running).url
        self._added = plan.additions(self._settings, database, private_redis)
        note = self._var / "environment"
        note.unlink(missing_ok=True)
        with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(plan.as_shell(self._added))
        if private_redis:
            # What an earlier run's worker said of itself would be taken for this one's.
            client = redis_store.connect(SecretStr(private_redis))
            await client.delete(redis_store.HEARTBEAT)
            await client.aclose()

    async def _migrate(self) -> None:
        began = time.monotonic()
        await processes.run(await self._python("migrations", "rooms.cli", "migrate"), _MIGRATION_TIME)
        self._say(f"  {'migrations':<12} done after {time.monotonic() - began:.1f} s")

    async def _prepare_planner(self) -> None:
        """Have the planner's machine code made, which takes some time once, before a coordinator waits for it."""
        began = time.monotonic()
        await processes.run(await self._python("planner", "rooms.cli", "breakout", "prepare"), _PLANNER_TIME)
        self._say(f"  {'planner':<12} ready after {time.monotonic() - began:.1f} s")

    async def _say_where_to_go(self) -> None:
        if self._settings.whereby_api_url is None:
            self._say(f"{await self._xl_rooms()}\n")
        if self._settings.sammen_mode is Mode.DEMO:
            # Not through a log: what it prints are personal links.
            child = await self._python("demo", "rooms.cli", "demo", output=asyncio.subprocess.PIPE)
            text, _ = await asyncio.gather(child.output(), processes.run(child, _DEMO_TIME))
            self._say(text.rstrip())
        if self._settings.smtp_url is None:
            self._say(f"Mailbox: http://localhost:{self._settings.mailbox_port}")
        self._say(f"\nLogs: {self._var / 'log'}. Stop with Ctrl-C.")

    async def _xl_rooms(self) -> str:
        """What XL rooms are here: the room server knows."""
        deadline = time.monotonic() + (_JANUS_TIME if self._janus is not None else 0)
        while True:
            answer = await self._http.get(f"http://{plan.LOOPBACK}:{self._settings.room_server_port}/health")
            if answer.json()["sfu"] or time.monotonic() > deadline:
                return plan.xl_rooms(answer.json(), janus.INSTALL if self._janus is None else None)
            await asyncio.sleep(0.1)

    def _answers(self, address: str) -> Callable[[], Awaitable[bool]]:
        async def ready() -> bool:
            try:
                return (await self._http.get(address)).is_success
            except httpx.HTTPError:
                return False

        return ready

    async def _worker_works(self) -> bool:
        try:
            parts = (await self._http.get(f"{self._web}/readyz")).json()
        except (httpx.HTTPError, ValueError):
            return False
        return bool(parts.get("worker"))

    def _log(self, name: str) -> Path:
        return self._var / "log" / f"{name}.log"


async def _at_once() -> bool:
    """Ready when it runs: whoever would ask it has to wait for its heartbeat, which the other worker gives."""
    return True


async def _until_free(port: plan.Port) -> None:
    """Raises CannotStart, naming port and variable, when the port stays taken."""
    deadline = time.monotonic() + _PORT_PATIENCE
    while (problem := _cannot_listen(port)) is not None:
        if problem != errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port.number} cannot be used: {os.strerror(problem)}. Choose with {port.variable}."
            )
        if time.monotonic() > deadline:
            raise CannotStart(f"Port {port.number} is taken by another program. Choose another with {port.variable}.")
        await asyncio.sleep(0.1)


def _cannot_listen(port: plan.Port) -> int | None:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError as error:
            return error.errno
    return None
