"""A process that takes points as fast as it gets them, and tells when: `hammer.py <Redis URL> <limit> <window ms> <s>`.

A line for each spending: points, and the times just before and after it, by the machine's clock that never turns.
"""

import asyncio
import random
import sys
import time

from pydantic import SecretStr

from rooms.store.redis import connect
from rooms.whereby import budget
from rooms.whereby.errors import BudgetExhausted


async def main(url: str, limit: int, window: int, seconds: float) -> None:
    budget._WINDOW_MS = window  # a minute is long
    redis = connect(SecretStr(url))
    points = budget.Budget(redis, limit, longest_wait=window / 1000)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        want = random.choice([1, 2, 3])
        begun = time.monotonic()
        try:
            await points.spend(want)
        except BudgetExhausted:
            continue
        sys.stdout.write(f"{want} {begun} {time.monotonic()}\n")
        sys.stdout.flush()
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
