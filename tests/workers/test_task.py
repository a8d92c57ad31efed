"""What every task has around it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from rooms.store.redis import lock
from tests.support.waiting import until
from workers import task
from workers.loop import Resources

WORKER, OTHER = SimpleNamespace(id="1", hostname="one@here"), SimpleNamespace(id="2", hostname="two@here")


def counted(name: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("sammen_task_seconds_count", {"task": name, "outcome": outcome}) or 0


class Work:
    """Work that stays until it may go."""

    def __init__(self) -> None:
        self.started = 0
        self.may_go = asyncio.Event()

    async def __call__(self, _resources: Resources) -> bool:
        self.started += 1
        await self.may_go.wait()
        return True


async def once(work: task.Work, resources: Resources, request: Any = WORKER) -> bool:
    return await task._once(work, resources, "a.task", request)


async def test_one_worker_does_a_thing_once_at_a_time_and_others_do_it_too(resources: Resources) -> None:
    work = Work()
    busy = counted("a.task", "busy")
    first = asyncio.create_task(once(work, resources))
    other = asyncio.create_task(once(work, resources, OTHER))

    async def both_started() -> bool:
        return work.started == 2

    await until(both_started)
    assert await once(work, resources) is False
    assert counted("a.task", "busy") == busy + 1
    work.may_go.set()
    assert (await first, await other) == (True, True)
    assert await once(work, resources) is True
    assert work.started == 3


async def test_a_call_while_it_runs_is_heard_when_it_is_done(resources: Resources) -> None:
    begun, going = asyncio.Event(), asyncio.Event()

    async def work(_resources: Resources) -> bool:
        begun.set()
        await going.wait()
        return False

    first = asyncio.create_task(once(work, resources))
    await begun.wait()
    assert await once(work, resources) is False
    going.set()
    assert await first is True
    assert await once(work, resources) is False


async def test_a_failure_is_counted_and_ends_nothing(resources: Resources) -> None:
    async def broken(_resources: Resources) -> bool:
        raise ConnectionError

    failed = counted("a.task", "failed")
    assert await once(broken, resources) is False
    assert counted("a.task", "failed") == failed + 1
    async with lock(resources.redis, "a.task:one@here", 1) as free:
        assert free


async def test_a_task_is_bounded_in_time(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "TIME_LIMIT", 0.1)
    work = Work()
    async with asyncio.timeout(5):
        assert await once(work, resources) is False
    assert work.started == 1


async def test_one_of_several_that_fails_holds_up_no_other() -> None:
    done = []

    async def do(item: int) -> None:
        if item == 2:
            raise LookupError("its session was deleted meanwhile")
        done.append(item)

    await task.each([1, 2, 3], do)
    assert done == [1, 3]


async def test_time_that_is_up_ends_all_of_them() -> None:
    begun = []

    async def do(item: int) -> None:
        begun.append(item)
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await task.each([1, 2, 3], do)
    assert begun == [1]
