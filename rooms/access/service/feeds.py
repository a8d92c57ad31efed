"""Private addresses of calendar feeds: one current a person or circle; a new one makes the old one useless at once."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.access.records import Feed
from rooms.access.rules.codes import Purpose, hash_code, make_code, read_code
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork


def feed_address(public_url: str, code: str) -> str:
    """What a calendar subscribes to."""
    return f"{public_url}/calendar/{code}.ics"


async def feed_code(
    work: UnitOfWork,
    owner: Person | Circle,
    keys: Mapping[str, str],
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
    anew: bool = False,
) -> str:
    """The code of somebody's or a circle's feed, made when there is none, when its key is gone, or `anew`.

    `actor_id`: the coordinator who sees it, which is audited; None when it is the person's own.
    """
    feed = None if anew else await _current(work, owner)
    if feed is None or feed.key_name not in keys:
        await forget_feed(work, owner.id, now)
        await work.session.execute(insert(Feed).values(_new(owner, keys, now)).on_conflict_do_nothing())
        feed = await _current(work, owner)
        if feed is None:
            raise LookupError("somebody else made it anew at this moment")
    if actor_id is not None:
        audit.record(
            work,
            Event.FEED_REPLACED if anew else Event.FEED_SHOWN,
            centre_id=owner.centre_id,
            now=now,
            actor_id=actor_id,
            person_id=owner.id if isinstance(owner, Person) else None,
        )
    return make_code(Purpose.FEED, keys[feed.key_name], feed.id)


async def forget_feed(work: UnitOfWork, owner_id: uuid.UUID, now: datetime) -> None:
    """The address of this person or circle leads nowhere from this commit on."""
    await work.session.execute(update(Feed).where(_of(owner_id), Feed.replaced_at.is_(None)).values(replaced_at=now))


async def feed_of(work: UnitOfWork, text: str) -> Feed | None:
    """The feed at an address, if it is the current one. Needs a unit of work that sees all centres."""
    code = read_code(text)
    if code is None:
        return None
    found: Feed | None = await work.session.scalar(
        select(Feed).where(Feed.code_hash == hash_code(code), Feed.replaced_at.is_(None))
    )
    return found


def _of(owner_id: uuid.UUID) -> ColumnElement[bool]:
    return or_(Feed.person_id == owner_id, Feed.circle_id == owner_id)


async def _current(work: UnitOfWork, owner: Person | Circle) -> Feed | None:
    found: Feed | None = await work.session.scalar(select(Feed).where(_of(owner.id), Feed.replaced_at.is_(None)))
    return found


def _new(owner: Person | Circle, keys: Mapping[str, str], now: datetime) -> dict[str, object]:
    feed_id, key_name = uuid.uuid4(), next(iter(keys))
    return {
        "id": feed_id,
        "centre_id": owner.centre_id,
        "person_id": owner.id if isinstance(owner, Person) else None,
        "circle_id": owner.id if isinstance(owner, Circle) else None,
        "key_name": key_name,
        "code_hash": hash_code(make_code(Purpose.FEED, keys[key_name], feed_id)),
        "made_at": now,
    }
