"""Compiled: simulated annealing. People, or together pairs as a whole, move to other groups and change places.

r is a round, k, a and b are groups, p and q are people.
"""

import math

import numpy as np

from rooms.breakout.rules import arrays as at
from rooms.breakout.rules.arrays import NOWHERE, Numbers
from rooms.breakout.rules.compiled import compiled
from rooms.breakout.rules.exchange import change_of, exchange

#: Of so many steps, one opens or closes a group, and some move people instead of swapping them. One of so many takes
#: somebody away from who is bound to them, which may be the only way to place everybody.
_STEPS, _MOVES, _SPLITS = 256, 32, 16
#: Of so many moves, one goes anywhere, empty groups included: the only way out for somebody who may sit with few.
_ANYWHERE = 4
#: So often people are picked to open or close a group before that is given up.
_TRIES = 12
#: Rows of `scratch`: who was moved, and from where.
_WHO, _WHENCE = 2, 3


@compiled
def _below(random: "at.Random", limit: int) -> int:
    """The next number from 0, by xorshift64*: the same on every machine."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.int64((((x * np.uint64(2685821657736338717)) >> np.uint64(33)) * np.uint64(limit)) >> np.uint64(31))


@compiled
def _accepts(random: "at.Random", change: int, temperature: float) -> bool:
    if change <= 0:
        return True
    return change < 16 * temperature and change < -temperature * math.log((_below(random, 1 << 30) + 1) / (1 << 30))


@compiled
def _to_end(x: Numbers, r: int, p: int, whole: bool) -> int:
    """Put p last in their group, and with them, if `whole`, who is bound to them; how many. 0: one is locked."""
    people, seats, groups = x.people, x.seats, x.groups
    k, block = seats[r, p, at.GROUP], people[p, at.BLOCK]
    last = at.MEMBERS + groups[r, k, at.SIZE] - 1
    found = 0
    for i in range(last, at.MEMBERS - 1, -1):
        q = groups[r, k, i]
        if q == p or (whole and block != NOWHERE and people[q, at.BLOCK] == block):
            if seats[r, q, at.LOCKED] != NOWHERE:
                return 0
            groups[r, k, i] = groups[r, k, last - found]
            groups[r, k, last - found] = q
            found += 1
    return found


@compiled
def _more(x: Numbers, r: int, k: int, leave: int, wanted: int) -> int:
    """How many more can leave k so that `wanted` do: single people before the last."""
    people, seats, groups = x.people, x.seats, x.groups
    more = 0
    while 0 < leave + more < min(wanted, groups[r, k, at.SIZE]):
        p = groups[r, k, at.MEMBERS + groups[r, k, at.SIZE] - leave - more - 1]
        if seats[r, p, at.LOCKED] != NOWHERE or people[p, at.BLOCK] != NOWHERE:
            break
        more += 1
    return more


@compiled
def _with_room(x: Numbers, r: int, a: int, gives: bool) -> int:
    """A group other than a that can give somebody, or else take somebody, and stay of the right size; or NOWHERE."""
    k = _below(x.random, x.groups.shape[1])
    for _ in range(x.groups.shape[1]):
        k = (k + 1) % x.groups.shape[1]
        size = x.groups[r, k, at.SIZE]
        if k != a and size > 0 and (size > x.rounds[r, at.LEAST] if gives else size < x.limits[at.MOST]):
            return k
    return NOWHERE


@compiled
def _open_or_close(x: Numbers, r: int, temperature: float) -> None:
    """Fill an empty group from others, or spread a whole group over others; undone unless it is accepted."""
    seats, groups, rounds, limits, scratch, random = x.seats, x.groups, x.rounds, x.limits, x.scratch, x.random
    opens, whole = _below(random, 2) == 0, _below(random, 2) == 0
    present = rounds[r, at.PRESENT]
    a = seats[r, rounds[r, at.THERE + _below(random, present)], at.GROUP]
    if opens:
        a = NOWHERE
        for k in range(groups.shape[1]):
            if groups[r, k, at.SIZE] == 0:
                a = k
        if a == NOWHERE:
            return
    change, moved, done, nobody = 0, 0, False, np.int64(0)
    for _ in range(_TRIES):
        b = _with_room(x, r, a, opens)
        if b == NOWHERE:
            break
        leaving, come = (b, a) if opens else (a, b)
        p = groups[r, leaving, at.MEMBERS + _below(random, groups[r, leaving, at.SIZE])]
        many = _to_end(x, r, p, whole)
        if many == 0 or groups[r, come, at.SIZE] + many > limits[at.MOST]:
            continue
        for i in range(many):
            scratch[_WHO, moved] = groups[r, leaving, at.MEMBERS + groups[r, leaving, at.SIZE] - many + i]
            scratch[_WHENCE, moved] = leaving
            moved += 1
        change += change_of(x, r, leaving, many, come, nobody)
        exchange(x, r, leaving, many, come, nobody)
        done = groups[r, a, at.SIZE] >= rounds[r, at.LEAST] if opens else groups[r, a, at.SIZE] == 0
        if done:
            break
    if done and _accepts(random, change, temperature):
        return
    for i in range(moved - 1, -1, -1):
        p = scratch[_WHO, i]
        k = seats[r, p, at.GROUP]
        last = at.MEMBERS + groups[r, k, at.SIZE] - 1
        for j in range(at.MEMBERS, last):
            if groups[r, k, j] == p:
                groups[r, k, j] = groups[r, k, last]
                groups[r, k, last] = p
        exchange(x, r, k, np.int64(1), scratch[_WHENCE, i], nobody)


@compiled
def anneal(x: Numbers, steps: int, hot: float, cold: float, done: int, whole: int) -> None:
    """Try so many exchanges, of a run of `whole` steps that cools from `hot` to `cold`, after its first `done`."""
    seats, groups, rounds, limits, random = x.seats, x.groups, x.rounds, x.limits, x.random
    temperature = hot
    for step in range(done, done + steps):
        if step % _STEPS == 0 or step == done:
            temperature = hot * (cold / hot) ** (step / whole) if hot > 0 else 0.0
        r = _below(random, rounds.shape[0])
        present = rounds[r, at.PRESENT]
        if present < 2:
            continue
        kind = _below(random, _STEPS)
        if kind == 0:
            _open_or_close(x, r, temperature)
            continue
        p = rounds[r, at.THERE + _below(random, present)]
        q = rounds[r, at.THERE + _below(random, present)]
        a, b = seats[r, p, at.GROUP], seats[r, q, at.GROUP]
        if kind < _MOVES and kind % _ANYWHERE == 0:
            b = _below(random, groups.shape[1])
        if a == b:
            continue
        whole = kind % _SPLITS != 1
        leave_a = _to_end(x, r, p, whole)
        leave_b = _to_end(x, r, q, whole) if kind >= _MOVES else 0
        if leave_a == 0 or (leave_b == 0 and kind >= _MOVES):
            continue
        if kind % 2 == 1:
            leave_a += _more(x, r, a, leave_a, leave_b)
            leave_b += _more(x, r, b, leave_b, leave_a)
        size_a = groups[r, a, at.SIZE] - leave_a + leave_b
        if max(size_a, groups[r, a, at.SIZE] + groups[r, b, at.SIZE] - size_a) > limits[at.MOST] + 1:
            continue
        if _accepts(random, change_of(x, r, a, leave_a, b, leave_b), temperature):
            exchange(x, r, a, leave_a, b, leave_b)
