"""What a centre has worded itself: read, written, and taken back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.records import Message, MessageText
from rooms.messages.rules import Kind
from rooms.messages.wording import OwnWords
from rooms.store.unit_of_work import UnitOfWork


async def all_texts(work: UnitOfWork) -> dict[tuple[Kind, str], MessageText]:
    """Everything that the centre has worded itself, by kind and language."""
    return {(text.kind, text.language): text for text in await work.session.scalars(select(MessageText))}


async def own_words_for(work: UnitOfWork, messages: Sequence[Message]) -> dict[tuple[uuid.UUID, Kind, str], OwnWords]:
    """What the centres of these messages have worded themselves, by centre, kind and language. One query."""
    texts = await work.session.scalars(
        select(MessageText).where(
            MessageText.centre_id.in_({message.centre_id for message in messages}),
            MessageText.kind.in_({message.kind for message in messages}),
        )
    )
    return {(text.centre_id, text.kind, text.language): OwnWords(text.subject, text.body) for text in texts}


async def save_text(
    work: UnitOfWork,
    kind: Kind,
    language: str,
    own: OwnWords,
    *,
    version: int,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write what has passed `wording.problems`. `version`: of the text that was read; 0 for the standard one.

    Raises StaleDataError when somebody else saved meanwhile; the unit of work then has to be rolled back before it is
    used again.
    """
    text = await work.session.scalar(select(MessageText).where(_is(kind, language)))
    if (text.version if text is not None else 0) != version:
        raise StaleDataError("changed by somebody else")
    if text is None:
        text = MessageText(centre_id=centre_id, kind=kind, language=language)
        work.session.add(text)
    text.subject, text.body = own.subject, own.body
    try:
        await work.session.flush()
    except IntegrityError as error:  # two who were the first to change the standard text
        raise StaleDataError("changed by somebody else") from error
    audit.record(work, Event.TEXT_CHANGED, centre_id=centre_id, now=now, actor_id=actor_id)


async def restore_text(
    work: UnitOfWork, kind: Kind, language: str, *, centre_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take the standard text again. Nothing for what says it already."""
    gone = await work.session.scalar(delete(MessageText).where(_is(kind, language)).returning(MessageText.id))
    if gone is not None:
        audit.record(work, Event.TEXT_RESTORED, centre_id=centre_id, now=now, actor_id=actor_id)


def _is(kind: Kind, language: str) -> ColumnElement[bool]:
    return and_(MessageText.kind == kind, MessageText.language == language)
