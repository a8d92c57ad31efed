"""Information posts: what a coordinator writes to many at once, and what became of it."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.records import Message, Post
from rooms.messages.rules import Audience, Kind, MessageState, PostText
from rooms.messages.service import outbox
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.store.unit_of_work import UnitOfWork

#: What somebody waits for goes first.
_PRIORITY = 150
#: Older ones are no news on a person's page.
_NEWS_FOR = timedelta(days=60)
_MOST = 100


@dataclass(frozen=True, slots=True)
class SentPost:
    """A post, and of how many people's messages it was sent, is still to be sent, and failed."""

    post: Post
    sent: int
    waiting: int
    failed: int


async def readers(work: UnitOfWork, person_ids: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
    """Those of the people (None: of all of the centre) who have not left and did not say no to messages."""
    wanted = select(Person.id).where(Person.left_at.is_(None), Person.preferred_way != PreferredWay.NONE)
    if person_ids is not None:
        wanted = wanted.where(Person.id.in_(person_ids))
    return list(await work.session.scalars(wanted.order_by(Person.id)))


async def send_post(
    work: UnitOfWork,
    post_id: uuid.UUID,
    texts: Mapping[str, PostText],
    person_ids: Sequence[uuid.UUID],
    *,
    audience: Audience,
    circle_id: uuid.UUID | None,
    session_id: uuid.UUID | None,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write the post and everybody's message. A second time with the same id changes nothing.

    Whom to wake is the caller's. Raises ValueError without a text.
    """
    if not texts:
        raise ValueError("a post says something")
    written = await work.session.scalar(
        insert(Post)
        .values(
            id=post_id,
            centre_id=centre_id,
            audience=audience,
            circle_id=circle_id,
            session_id=session_id,
            texts={language: asdict(text) for language, text in texts.items()},
            sent_at=now,
            sent_by=actor_id,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Post.id)
    )
    if written is None:
        return
    await outbox.put_each(
        work, person_ids, kind=Kind.POST, cause_id=post_id, centre_id=centre_id, now=now, priority=_PRIORITY
    )
    audit.record(work, Event.POST_SENT, centre_id=centre_id, now=now, actor_id=actor_id)


async def all_posts(work: UnitOfWork) -> list[SentPost]:
    """The newest first. One query."""
    state = Message.state
    sent, waiting, failed = (
        func.count(Message.id).filter(state.in_(states))
        for states in (
            [MessageState.SENT],
            [MessageState.DUE, MessageState.SENDING],
            [MessageState.FAILED],
        )
    )
    rows = await work.session.execute(
        select(Post, sent, waiting, failed)
        .outerjoin(Message, (Message.cause_id == Post.id) & (Message.kind == Kind.POST))
        .group_by(Post.id)
        .order_by(Post.sent_at.desc(), Post.id)
        .limit(_MOST)
    )
    return [SentPost(*row) for row in rows]


async def post_texts(work: UnitOfWork, post_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, PostText]]:
    """What posts say, by post and language. One query, none without posts."""
    if not post_ids:
        return {}
    return {post.id: post.worded for post in await work.session.scalars(select(Post).where(Post.id.in_(post_ids)))}


async def news_for(work: UnitOfWork, person_id: uuid.UUID, now: datetime) -> list[Post]:
    """The posts of the last two months that were written to this person, the newest first."""
    found = await work.session.scalars(
        select(Post)
        .join(Message, (Message.cause_id == Post.id) & (Message.kind == Kind.POST))
        .where(Message.person_id == person_id, Post.sent_at > now - _NEWS_FOR)
        .order_by(Post.sent_at.desc(), Post.id)
    )
    return list(found)
