"""Parts under a supervisor: real processes that fall, are killed, or lose their supervisor."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rooms.embedded import processes
from rooms.embedded.crew import Crew, Part, Program, how, started
from rooms.embedded.processes import CannotStart, Child
from tests.support import waiting

ROOT = Path(__file__).parents[3]
#: Has a child of its own, as Celery's worker may have; ends at SIGTERM.
FAMILY = "sleep 1000 & echo $! > {note}; trap 'exit 0' TERM; echo started; wait"


def gone(pid: int) -> bool:
    """Whether a process has ended (one that only waits to be counted has)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that needs no waiting itself."""

    async def asked() -> bool:
        return condition()

    await waiting.until(asked)


def part(name: str, folder: Path, script: str = "echo started; exec sleep 1000") -> Part:
    """A part that is a shell script, ready when it has written «started»."""

    async def start() -> Program:
        log = folder / f"{name}.log"
        child = await processes.start(name, ["/bin/sh", "-c", script], log=log, environment={"PATH": os.defpath})

        async def wrote() -> bool:
            return "started" in child.last_words()

        return await started(child, wrote, seconds=10, patience=5)

    return Part(name, start)


async def test_they_stop_in_the_reverse_of_their_start(tmp_path: Path) -> None:
    said: list[str] = []
    crew = Crew(said.append)
    await crew.start(part("first", tmp_path), part("second", tmp_path))
    await crew.start(part("third", tmp_path))
    children = [crew.running(name, Program).child for name in ("first", "second", "third")]
    await crew.stop()
    assert [line.split()[0] for line in said[-3:]] == ["third", "second", "first"]
    assert all(gone(child.pid) for child in children)


async def test_a_killed_part_is_started_again_and_its_own_children_end(tmp_path: Path) -> None:
    said: list[str] = []
    crew = Crew(said.append)
    note = tmp_path / "grandchild"
    await crew.start(part("worker", tmp_path, FAMILY.format(note=note)))
    first = crew.running("worker", Program).child
    grandchild = int(note.read_text())
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: any("runs again" in line for line in said))
    second = crew.running("worker", Program).child
    assert second.pid != first.pid
    assert any("killed by SIGKILL" in line for line in said)
    await until(lambda: gone(grandchild))
    await crew.stop()
    assert gone(second.pid)


async def test_a_part_that_does_not_start_says_why(tmp_path: Path) -> None:
    crew = Crew(lambda _line: None)
    with pytest.raises(CannotStart, match="the disk is full"):
        await crew.start(part("good", tmp_path), part("bad", tmp_path, "echo the disk is full"))
    good = crew.running("good", Program).child
    await crew.stop()
    assert gone(good.pid)


async def test_stopped_while_starting_nothing_is_left(tmp_path: Path) -> None:
    said: list[str] = []
    crew = Crew(said.append)
    starting = asyncio.create_task(crew.start(part("quick", tmp_path), part("slow", tmp_path, "echo $$; sleep 1000")))
    await until(lambda: any("quick" in line for line in said) and bool((tmp_path / "slow.log").read_text()))
    quick, slow = crew.running("quick", Program).child.pid, int((tmp_path / "slow.log").read_text())
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await crew.stop()
    assert gone(quick)
    assert gone(slow)
    assert said[-1] == "  quick stopped"


async def test_one_that_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    script = "trap '' TERM; echo started; while :; do sleep 1000; done"
    child = await processes.start("deaf", ["/bin/sh", "-c", script], log=log, environment={"PATH": os.defpath})
    await until(lambda: log.stat().st_size > 0)
    assert not await child.stop(patience=0.2)
    assert gone(child.pid)


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    child = await processes.start("absent", ["/no/such"], log=tmp_path / "absent.log", environment={})
    with pytest.raises(CannotStart, match="/no/such cannot be run: No such file"):
        await processes.run(child, 10)


async def test_what_is_cancelled_is_ended(tmp_path: Path) -> None:
    child: Child = await processes.start(
        "long", ["/bin/sh", "-c", "exec sleep 1000"], log=tmp_path / "log", environment={"PATH": os.defpath}
    )
    waiting = asyncio.create_task(processes.run(child, 60))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gone(child.pid)


SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from rooms.embedded import postgres, redis
from rooms.embedded.crew import Crew, Part
from tests.rooms.embedded.test_crew import FAMILY, part

async def main(folder):
    crew = Crew(lambda line: None)
    await crew.start(
        Part("PostgreSQL", lambda: postgres.start(folder / "pg")),
        Part("Redis", lambda: redis.start(folder / "redis")),
        part("worker", folder),
    )
    for name in ("PostgreSQL", "Redis", "worker"):
        print(crew.running(name, object).child.pid, flush=True)
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_killed_supervisor_leaves_no_process(var: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(var), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pids = []
    async with asyncio.timeout(60):
        while (line := (await supervisor.stdout.readline()).decode().strip()) != "ready":
            pids.append(int(line))
    assert len(pids) == 3
    assert not any(gone(pid) for pid in pids)
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: all(gone(pid) for pid in pids))


def test_endings_in_words() -> None:
    assert how(-9) == "killed by SIGKILL"
    assert how(3) == "status 3"
