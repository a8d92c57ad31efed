"""`sammen rooms`: the supply of rooms at the terminal, to look at and to mend. Never says a room's address."""

import argparse
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from redis.asyncio import Redis
from sqlalchemy.exc import DBAPIError

from config import clock, logging
from config.settings import Settings
from rooms.seating.service.attendance import somebody_in
from rooms.seating.service.rotation import Rotation, rotate_session
from rooms.store import redis as redis_store
from rooms.store.opening import opened_store
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service import mend
from rooms.supply.service.mend import Deletion
from rooms.supply.service.overview import Deadline, Overview, Short, Trouble, overview
from rooms.supply.service.reconcile import reconcile
from rooms.whereby.budget import Budget, Points
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, ProviderError

#: Exit codes. 2 is argparse's: wrong words.
DONE, NOT_POSSIBLE, NO_ANSWER = 0, 1, 3
_SCOPE = AllCentres("the terminal is above them")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to print, and the exit code: 0 done, 1 not possible, 3 something that is needed does not answer."""

    text: str
    code: int = DONE


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words of the command, and what it takes to follow them."""

    words: argparse.Namespace
    settings: Settings
    store: Store
    redis: Redis

    @property
    def budget(self) -> Budget:
        return Budget(self.redis, self.settings.whereby_points_per_minute)


async def run(settings: Settings, words: argparse.Namespace) -> Outcome:
    """Do what was asked."""
    logging.set_up(settings.log_level, "terminal")
    redis = redis_store.connect(settings.redis_url)
    try:
        async with opened_store(settings) as store:
            return await _ACTS[words.act](_Asked(words, settings, store, redis))
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise  # a mistake of ours, and no answer to a wrong id
        return Outcome(f"There is {error}.", NOT_POSSIBLE)
    except BudgetExhausted:
        return Outcome("No points are left this minute, or Redis does not answer. Try again in a minute.", NO_ANSWER)
    except ProviderError as error:
        advice = "Look at WHEREBY_API_KEY and the plan." if error.permanent else "Try again in a minute."
        return Outcome(f"The room provider does not help ({type(error).__name__}). {advice}", NO_ANSWER)
    except (DBAPIError, OSError) as error:
        return Outcome(f"The database does not answer ({type(error).__name__}).", NO_ANSWER)
    finally:
        await redis.aclose()


async def _show(asked: _Asked) -> Outcome:
    async with asked.store.work(_SCOPE) as work:
        found = await overview(work, clock.now())
    points = await asked.budget.state()
    if asked.words.json:
        return Outcome(json.dumps(_as_json(found, points), indent=2))
    return Outcome("\n".join(_as_text(found, points)))


async def _retry(asked: _Asked) -> Outcome:
    async with asked.store.work(_SCOPE) as work:
        count = await mend.retry_all(work, clock.now())
    return Outcome(f"Rooms that are tried again now: {count}")


async def _session(asked: _Asked) -> Outcome:
    async with asked.store.work(_SCOPE) as work:
        rooms = await mend.rooms_of_session(work, asked.words.session_id)
    lines = [
        f"{room.id}  room {room.number}.{room.generation}, {room.size}, {_word(room.state)}"
        + (f", last error: {room.last_error}" if room.last_error is not None else "")
        for room in rooms
    ]
    return Outcome("\n".join(lines) or "The session has no rooms yet.")


async def _rotate(asked: _Asked) -> Outcome:
    async with asked.store.work(_SCOPE) as work:
        rotation = await rotate_session(
            work, asked.words.session_id, installation=asked.settings.installation, actor_id=None, now=clock.now()
        )
    return _ROTATED[rotation]


_ROTATED = {
    Rotation.MOVED: Outcome("Everybody's place is in a new room now. The old rooms are being deleted."),
    Rotation.WAITS: Outcome("New rooms are being made. Everybody moves as soon as they are there."),
    Rotation.NOTHING: Outcome("The session has no open room, so there is nothing to rotate.", NOT_POSSIBLE),
}


async def _delete(asked: _Asked) -> Outcome:
    now = clock.now()
    async with asked.store.work(_SCOPE) as work:
        deletion = await mend.delete_by_hand(
            work, asked.words.room_id, now, occupied=somebody_in(now), even_so=asked.words.even_so
        )
    return _DELETED[deletion]


_DELETED = {
    Deletion.BEGUN: Outcome("The room is being deleted; whoever is in it falls out. Its session gets no other for it."),
    Deletion.NOTHING: Outcome("There is nothing to delete at the provider: the room is gone, or was never made."),
    Deletion.NEEDED: Outcome(
        "Its session still needs it. `sammen rooms rotate` gives it another one; --even-so deletes it anyhow.",
        NOT_POSSIBLE,
    ),
    Deletion.OCCUPIED: Outcome(
        "Somebody is in it. `sammen rooms rotate` moves them to another one; --even-so throws them out.", NOT_POSSIBLE
    ),
}


async def _reconcile(asked: _Asked) -> Outcome:
    settings = asked.settings
    async with WherebyClient(settings.whereby_api_url, settings.whereby_api_key, asked.budget) as client:
        found = await reconcile(partial(asked.store.work, _SCOPE), client, settings.installation, clock.now())
    lines = [
        f"Rooms at the provider: {found.listed}",
        f"Of ours that nobody knew: {found.orphans}, deleted: {found.deleted}",
        f"Of ours that were lost there, and are replaced: {found.lost}",
    ]
    if found.deleted < found.orphans:
        return Outcome("\n".join([*lines, "Some could not be deleted. The next look takes the rest."]), NOT_POSSIBLE)
    return Outcome("\n".join(lines))


_ACTS: Mapping[str | None, Callable[[_Asked], Awaitable[Outcome]]] = {
    None: _show,
    "retry": _retry,
    "session": _session,
    "rotate": _rotate,
    "delete": _delete,
    "reconcile": _reconcile,
}


def _word(state: RoomState) -> str:
    return state.value.replace("_", " ")


def _wall(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _counts(counts: Mapping[RoomState, int]) -> str:
    return ", ".join(f"{_word(state)} {counts[state]}" for state in RoomState if counts.get(state)) or "none"


def _as_text(found: Overview, points: Points | None) -> Iterable[str]:
    yield f"Rooms: {_counts(found.rooms)}"
    yield f"Spare rooms: {_counts(found.spares)}"
    if points is None:
        yield "Points: Redis does not answer"
    else:
        pause = f", the provider wants us to wait {points.pause:.0f} s" if points.pause else ""
        yield f"Points: {points.spent} used and {points.left} left of {points.limit} this minute{pause}"
    yield from _part(
        "Next deadlines",
        (f"{_which(one)}: rooms ready {one.ready} of {one.rooms}" for one in found.deadlines),
    )
    yield from _part(
        "Rooms will be missing",
        (
            f"{_which(one)}: {one.shortage.missing} of {one.shortage.needed}, all at {_wall(one.shortage.complete_at)}"
            for one in found.shortages
        ),
    )
    yield from _part("Last errors", (_trouble_text(one) for one in (*found.troubles, *found.spare_troubles)))


def _which(one: Deadline | Short) -> str:
    return f"{_wall(one.session.opens_at)}  {one.session.id}  {one.centre_name}"


def _part(title: str, lines: Iterable[str]) -> Iterable[str]:
    found = [f"  {line}" for line in lines]
    yield from (["", f"{title}:", *found] if found else [])


def _trouble_text(trouble: Trouble) -> str:
    again = f", {trouble.tries} tries, next at {_wall(trouble.next_try_at)}" if trouble.next_try_at is not None else ""
    return f"{trouble.error}: {trouble.rooms} rooms since {_wall(trouble.since)}{again}"


def _as_json(found: Overview, points: Points | None) -> dict[str, object]:
    states = [state for state in RoomState if state is not RoomState.GONE]
    return {
        "rooms": {state.value: found.rooms.get(state, 0) for state in states},
        "spare_rooms": {state.value: found.spares.get(state, 0) for state in states},
        "points": None
        if points is None
        else {"spent": points.spent, "left": points.left, "limit": points.limit, "pause_seconds": points.pause},
        "deadlines": [
            {
                "session": str(one.session.id),
                "centre": one.centre_name,
                "opens_at": one.session.opens_at.isoformat(),
                "rooms": one.rooms,
                "ready": one.ready,
            }
            for one in found.deadlines
        ],
        "shortages": [
            {
                "session": str(one.session.id),
                "centre": one.centre_name,
                "opens_at": one.session.opens_at.isoformat(),
                "missing": one.shortage.missing,
                "needed": one.shortage.needed,
                "complete_at": one.shortage.complete_at.isoformat(),
            }
            for one in found.shortages
        ],
        "errors": [
            {
                "error": one.error.value,
                "rooms": one.rooms,
                "since": one.since.isoformat(),
                "tries": one.tries,
                "next_try_at": one.next_try_at.isoformat() if one.next_try_at is not None else None,
            }
            for one in (*found.troubles, *found.spare_troubles)
        ],
    }
