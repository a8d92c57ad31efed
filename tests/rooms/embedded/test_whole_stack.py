"""Everything together: up, killed, stopped, and up again with what was there before."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rooms.embedded.janus import find
from tests.rooms.embedded.test_crew import gone, until
from tests.rooms.embedded.test_supervisor import ROOT, free_port
from tests.support import waiting

pytestmark = pytest.mark.timeout(300)
ORDER = ["beat", "live worker", "worker", "web", "room server", "mailbox", "Redis", "PostgreSQL"]
if find(None) is not None:
    ORDER.append("Janus")


@dataclass
class Up:
    """A running `sammen up` and what it has said."""

    process: asyncio.subprocess.Process
    said: str
    web: str

    async def hear(self, text: str) -> None:
        """Read what it says until `text` comes. Fails when it ends before."""
        assert self.process.stdout is not None
        async with asyncio.timeout(120):
            while text not in self.said:
                line = await self.process.stdout.readline()
                assert line, f"it ended without saying «{text}»:\n{self.said}"
                self.said += line.decode()

    def descendants(self) -> dict[int, str]:
        """Its children, their children and so on, with their command lines."""
        parents: dict[int, tuple[int, str]] = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents[int(entry.name)] = parent, (entry / "cmdline").read_text().replace("\0", " ")
        family = {self.process.pid}
        while more := {pid for pid, (parent, _) in parents.items() if parent in family} - family:
            family |= more
        return {pid: parents[pid][1] for pid in family - {self.process.pid}}

    def child(self, words: str) -> int:
        """The supervisor's own child whose command line ends with `words`; Celery's children look like their parent."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        descendants = self.descendants()
        [pid] = [int(pid) for pid in children if descendants.get(int(pid), "").strip().endswith(words)]
        return pid

    async def healthy(self) -> bool:
        """Whether web says that all its parts are there."""
        async with httpx.AsyncClient(trust_env=False) as client:
            with suppress(httpx.HTTPError):
                return (await client.get(f"{self.web}/readyz")).is_success
        return False


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    """Free ports by the variables that choose them; the same for each start, as a restart has them."""
    return {name: str(free_port()) for name in ("WEB_PORT", "ROOM_SERVER_PORT", "SMTP_PORT", "MAILBOX_PORT")}


@asynccontextmanager
async def started(var: Path, ports: dict[str, str]) -> AsyncIterator[Up]:
    """`sammen up` until it has said where to go. Killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rooms.cli", "up"),
        cwd=ROOT,
        env={"PATH": os.defpath, "SAMMEN_VAR": str(var), **ports},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    up = Up(process, "", f"http://127.0.0.1:{ports['WEB_PORT']}")
    try:
        await up.hear("Stop with Ctrl-C.")
        yield up
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_shows_the_way_heals_itself_and_stops_in_order(var: Path, ports: dict[str, str]) -> None:
    async with started(var, ports) as up:
        assert f"http://localhost:{ports['WEB_PORT']}/" in up.said  # a link to sign in or to join
        assert f"Mailbox: http://localhost:{ports['MAILBOX_PORT']}" in up.said
        assert "XL rooms" in up.said  # how large they are here, and why
        await waiting.until(up.healthy, seconds=30)

        for name, words in (("web", "rooms.cli web"), ("worker", "rooms.cli worker")):
            os.kill(up.child(words), signal.SIGKILL)
            await up.hear(f"{name} runs again")
        postgres = next(pid for pid, line in up.descendants().items() if "/postgres -D" in line)
        os.kill(postgres, signal.SIGKILL)
        await up.hear("PostgreSQL runs again")
        await waiting.until(up.healthy, seconds=30)

        family = up.descendants()
        up.process.send_signal(signal.SIGTERM)
        await up.hear("Everything is kept.")
        assert await up.process.wait() == 0
        assert [line.strip() for line in up.said.splitlines() if line.endswith(" stopped")] == [
            f"{name} stopped" for name in ORDER
        ]
        assert [line for pid, line in family.items() if not gone(pid)] == []
        assert not (var / "environment").exists()


async def test_killed_it_leaves_no_process_and_loses_nothing(var: Path, ports: dict[str, str]) -> None:
    async with started(var, ports) as up:
        family = up.descendants()
        assert len(family) >= len(ORDER)
        up.process.kill()
        await up.process.wait()
        await until(lambda: all(gone(pid) for pid in family))
    async with started(var, ports) as up:
        await waiting.until(up.healthy, seconds=30)
        up.process.send_signal(signal.SIGINT)
        await up.hear("Everything is kept.")
        assert await up.process.wait() == 0
