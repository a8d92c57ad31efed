"""The private Janus: a real one, started as `up` starts it, where the machine has it."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import aiohttp
import pytest

from rooms.embedded import janus
from rooms.embedded.janus import INSTALL
from rooms.embedded.processes import CannotStart
from rooms.roomserver.sfu.janus_link import Link
from tests.rooms.embedded.test_crew import gone

needs_janus = pytest.mark.skipif(janus.find(None) is None, reason=f"no Janus on this machine: {INSTALL}")


def prepared(folder: Path) -> janus.Janus:
    binary = janus.find(None)
    assert binary is not None
    return janus.prepare(folder, binary, "21000-21099")


async def answers(running: janus.Running, secret: str) -> bool:
    """Whether Janus gives a session to whoever knows this secret."""
    began = asyncio.Event()

    async def begin() -> None:
        began.set()

    refused = asyncio.Event()
    link = Link(
        running.janus.variables["ROOM_SERVER_JANUS_URL"],
        secret,
        began=begin,
        lost=lambda _: refused.set(),
        told=lambda _: None,
    )
    task = asyncio.create_task(link.run())
    waits = [asyncio.create_task(event.wait()) for event in (began, refused)]
    async with asyncio.timeout(10):
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, *waits):
        each.cancel()
    await asyncio.gather(task, *waits, return_exceptions=True)
    return began.is_set()


@needs_janus
async def test_only_who_knows_the_secret_is_answered_and_nothing_stays_behind(var: Path) -> None:
    one = prepared(var / "janus")
    running = await janus.start(one, log=var / "janus.log")
    try:
        assert await answers(running, one.api_secret)
        assert not await answers(running, "guessed")
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.ClientSession() as http, http.get("http://127.0.0.1:8088/janus/info"):
                pass
        assert stat.S_IMODE(one.socket.parent.stat().st_mode) == 0o700
        modes = {stat.S_IMODE(path.stat().st_mode) for path in one.folder.glob("configuration/*.jcfg")}
        assert modes == {0o600}
        status = Path(f"/proc/{running.child.pid}/status").read_text()
        [uid] = [line.split()[1] for line in status.splitlines() if line.startswith("Uid:")]
        assert uid != "0" or os.geteuid() != 0
        said = (var / "janus.log").read_text()
        assert one.api_secret not in said
        assert one.admin_key not in said
    finally:
        assert await running.stop()
    assert gone(running.child.pid)


@needs_janus
async def test_killed_it_starts_again_with_the_same_secrets_and_a_new_run_has_new_ones(var: Path) -> None:
    one = prepared(var / "janus")
    running = await janus.start(one, log=var / "janus.log")
    os.kill(running.child.pid, signal.SIGKILL)
    await running.child.process.wait()
    again = await janus.start(one, log=var / "janus.log")
    assert await answers(again, one.api_secret)
    await again.stop()
    other = prepared(var / "janus")
    assert {one.api_secret, one.admin_key}.isdisjoint({other.api_secret, other.admin_key})


async def test_a_janus_that_does_not_start_says_why(var: Path) -> None:
    program = var / "janus"
    program.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    program.chmod(0o755)
    var.chmod(0o711)
    with pytest.raises(CannotStart, match="Janus"):
        await janus.start(janus.prepare(var / "data", program, "21000-21099"), log=var / "janus.log")


def test_a_chosen_program_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotStart, match="JANUS_BIN"):
        janus.find(tmp_path / "janus")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert janus.find(None) is None
