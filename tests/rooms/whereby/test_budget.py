"""The points budget on a real Redis, with processes that fight for it, die in the middle, and share the provider."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from rooms.whereby import budget as budget_file
from rooms.whereby.budget import Budget, Haste, Points
from rooms.whereby.errors import BudgetExhausted
from rooms.whereby.protocol import Rate
from tests.support.waiting import until

WINDOW = 1000  # milliseconds; what is tried does not depend on how long a minute is


@pytest.fixture
def short_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_file, "_WINDOW_MS", WINDOW)


async def all_that_is_left(redis: Redis, limit: int) -> int:
    """Take single points until there are none."""
    greedy, taken = Budget(redis, limit, longest_wait=0), 0
    try:
        while True:
            await greedy.spend(1)
            taken += 1
    except BudgetExhausted:
        return taken


async def hammer(redis_url: SecretStr, limit: int, seconds: float) -> Process:
    module = "tests.rooms.whereby.hammer"
    arguments = (redis_url.get_secret_value(), str(limit), str(WINDOW), str(seconds))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdout=PIPE)


async def test_no_more_than_the_limit_is_granted(redis: Redis) -> None:
    assert await all_that_is_left(redis, 100) == 100
    assert await all_that_is_left(redis, 100) == 0


async def test_many_at_once_share_one_budget(redis: Redis) -> None:
    budgets = [Budget(redis, 100, longest_wait=0) for _ in range(200)]
    results = await asyncio.gather(*(budget.spend(3) for budget in budgets), return_exceptions=True)
    assert results.count(None) == 33
    assert sum(isinstance(result, BudgetExhausted) for result in results) == 167


async def test_what_can_wait_leaves_points_for_what_cannot(redis: Redis) -> None:
    budget = Budget(redis, 100, longest_wait=0)
    granted = dict.fromkeys(Haste, 0)
    for haste in (Haste.LATER, Haste.AHEAD, Haste.NOW):
        with contextlib.suppress(BudgetExhausted):
            while True:
                await budget.spend(1, haste)
                granted[haste] += 1
    assert granted == {Haste.LATER: 80, Haste.AHEAD: 10, Haste.NOW: 10}


async def test_a_small_plan_makes_rooms_all_the_same(redis: Redis) -> None:
    await Budget(redis, 3, longest_wait=0).spend(3, Haste.LATER)


async def test_processes_never_take_more_than_the_limit_in_any_window(redis: Redis, redis_url: SecretStr) -> None:
    limit = 30
    processes = [await hammer(redis_url, limit, 3) for _ in range(4)]
    grants = []
    for process in processes:
        out, _ = await process.communicate()
        assert process.returncode == 0
        for line in out.decode().splitlines():
            points, begun, ended = line.split()
            grants.append((float(begun), float(ended), int(points)))
    assert sum(points for *_, points in grants) > 2 * limit, "several windows must have been seen"
    ended_by = [ended for _, ended, _ in grants]
    for first in ended_by:
        # Taken for certain within less than a window from when this one was there.
        within = [points for begun, ended, points in grants if begun >= first and ended < first + WINDOW / 1000]
        assert sum(within) <= limit


async def test_a_killed_holder_blocks_nobody(redis: Redis, redis_url: SecretStr, short_minute: None) -> None:
    limit = 9
    process = await hammer(redis_url, limit, 60)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline()  # it holds points now and waits for more
    finally:
        process.kill()
        await process.wait()

    async def all_free() -> bool:
        return await all_that_is_left(redis, limit) == limit

    await until(all_free, seconds=5, every=WINDOW / 1000 + 0.1)


async def test_points_come_back_after_a_minute_and_whoever_waits_gets_them(redis: Redis, short_minute: None) -> None:
    patient = Budget(redis, 6, longest_wait=5)
    begun = asyncio.get_running_loop().time()
    await asyncio.gather(*(patient.spend(3) for _ in range(4)))
    took = asyncio.get_running_loop().time() - begun
    assert WINDOW / 1000 <= took < 3 * WINDOW / 1000


async def test_the_wait_is_bounded(redis: Redis) -> None:
    await Budget(redis, 10).spend(10)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(BudgetExhausted) as caught:
        await Budget(redis, 10, longest_wait=20).spend(1)
    assert asyncio.get_running_loop().time() - begun < 1
    assert 55 < caught.value.seconds <= 62.1


async def test_only_as_long_as_needed_is_waited(redis: Redis) -> None:
    """The oldest spending frees enough; the younger ones need not end."""
    points = Budget(redis, 10, longest_wait=0)
    await points.spend(3)
    with pytest.raises(BudgetExhausted) as caught:
        await points.spend(8)
    first = caught.value.seconds

    async def a_while_later() -> bool:
        with pytest.raises(BudgetExhausted) as caught:
            await points.spend(8)
        return first - caught.value.seconds > 0.3

    await until(a_while_later)
    await points.spend(7)
    waits = []
    for want in (3, 4):
        with pytest.raises(BudgetExhausted) as caught:
            await points.spend(want)
        waits.append(caught.value.seconds)
    assert waits[1] - waits[0] > 0.25


async def test_what_others_spent_with_the_same_key_counts(redis: Redis) -> None:
    points = Budget(redis, 100)
    await points.spend(10)
    await points.learn(Rate(limit=100, remaining=20))
    assert await all_that_is_left(redis, 100) == 20


async def test_our_own_calls_are_not_counted_twice(redis: Redis) -> None:
    points = Budget(redis, 100)
    await points.spend(10)
    await points.learn(Rate(limit=100, remaining=90))
    assert await all_that_is_left(redis, 100) == 90


async def test_a_provider_that_counts_less_than_we_gives_nothing_back(redis: Redis) -> None:
    points = Budget(redis, 100)
    await points.spend(80)
    await points.learn(Rate(limit=100, remaining=100))  # its minute has just begun
    assert await all_that_is_left(redis, 100) == 20


async def test_the_newest_word_of_the_provider_counts(redis: Redis) -> None:
    points = Budget(redis, 100)
    await points.learn(Rate(limit=100, remaining=10))
    await points.learn(Rate(limit=100, remaining=60))
    assert await all_that_is_left(redis, 100) == 60


async def test_a_lower_limit_of_the_provider_holds_for_all(redis: Redis) -> None:
    await Budget(redis, 100).learn(Rate(limit=40))
    assert await all_that_is_left(redis, 100) == 40


async def test_a_higher_limit_of_the_provider_is_not_ours(redis: Redis) -> None:
    """A part of a larger plan was given to this installation."""
    await Budget(redis, 100).learn(Rate(limit=1000, remaining=700))
    assert await all_that_is_left(redis, 100) == 100


async def test_more_than_there_ever_is_does_not_wait_in_a_loop(redis: Redis) -> None:
    points = Budget(redis, 100)
    await points.learn(Rate(limit=2))
    with pytest.raises(BudgetExhausted) as caught:
        await points.spend(3)
    assert caught.value.seconds == 62


async def test_what_others_spent_is_forgotten_after_a_minute(redis: Redis, short_minute: None) -> None:
    patient = Budget(redis, 100, longest_wait=3)
    await patient.learn(Rate(limit=100, remaining=0))
    await patient.spend(100)


async def test_a_pause_holds_for_all_and_ends(redis: Redis) -> None:
    points = Budget(redis, 100, longest_wait=2)
    await points.pause(0.4)
    await points.pause(0.1)  # a shorter one does not end it
    begun = asyncio.get_running_loop().time()
    await Budget(redis, 100, longest_wait=2).spend(1)
    assert 0.35 <= asyncio.get_running_loop().time() - begun < 1.5


async def test_nothing_is_kept_for_ever_but_the_limit(redis: Redis, short_minute: None) -> None:
    points = Budget(redis, 100)
    await points.spend(3)
    await points.learn(Rate(limit=90, remaining=10))
    await points.pause(0.1)
    keys = [key async for key in redis.scan_iter()]
    assert len(keys) == 4
    assert all([0 < await redis.pttl(key) <= 3_600_000 for key in keys])


async def test_without_redis_nothing_is_granted_and_nothing_breaks() -> None:
    async with Redis(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0)) as nowhere:
        points = Budget(nowhere, 100)
        with pytest.raises(BudgetExhausted):
            await points.spend(1)
        await points.learn(Rate(100, 50))
        await points.pause(1)


def test_a_budget_that_makes_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="points"):
        Budget(Redis(), 2)


async def test_what_is_left_is_shown(redis: Redis) -> None:
    await Budget(redis, 100).spend(3)
    assert REGISTRY.get_sample_value("sammen_provider_points_left") == 97


async def test_a_look_spends_nothing_and_changes_nothing(redis: Redis) -> None:
    budget = Budget(redis, 100, longest_wait=0)
    assert await budget.state() == Points(spent=0, limit=100, pause=0)
    await budget.spend(3)
    await budget.spend(2)
    before = {key: await redis.dump(key) for key in await redis.keys("*")}
    for _ in range(3):
        assert await budget.state() == Points(spent=5, limit=100, pause=0)
    assert {key: await redis.dump(key) for key in await redis.keys("*")} == before
    assert await all_that_is_left(redis, 100) == 95
    points = await budget.state()
    assert points is not None
    assert (points.spent, points.left) == (100, 0)


async def test_a_look_knows_what_the_provider_told(redis: Redis) -> None:
    budget = Budget(redis, 1000, longest_wait=0)
    await budget.spend(3)
    await budget.learn(Rate(limit=100, remaining=90))
    assert await budget.state() == Points(spent=10, limit=100, pause=0)
    await budget.pause(30)
    points = await budget.state()
    assert points is not None
    assert 29 < points.pause <= 30
    assert points.left == 0


async def test_a_minute_later_nothing_is_spent(redis: Redis, short_minute: None) -> None:
    budget = Budget(redis, 100, longest_wait=0)
    await budget.spend(50)

    async def is_free() -> bool:
        points = await budget.state()
        return points is not None and points.spent == 0

    await until(is_free)
