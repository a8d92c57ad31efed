"""What each message says, and whether it still has to be said: looked up for a whole batch, decided one by one."""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from config.settings import Settings
from rooms.access.service.links import codes_of, link_address
from rooms.access.service.sign_in import sign_in_codes, sign_in_path
from rooms.messages.channels.calendar import Appointment
from rooms.messages.records import Message
from rooms.messages.rules import (
    IN_CALENDAR,
    REMINDERS,
    TOGETHER,
    WITH_LINK,
    Kind,
    PostText,
    idempotency_key,
    reminder_holds,
    reminder_version,
    text_for,
)
from rooms.messages.service import outbox
from rooms.messages.service.posts import post_texts
from rooms.messages.service.texts import own_words_for
from rooms.messages.wording import OwnWords
from rooms.people.rules.languages import NORWEGIAN_LEVELS, SPOKEN
from rooms.people.service.persons import Addressee, addressees
from rooms.schedule.service.digest import Digest, digests
from rooms.schedule.service.invitations import Coming, SessionFacts, absent_from, session_facts, who_comes
from rooms.store.unit_of_work import UnitOfWork
from rooms.usage.service.usage import Standing, standing

_OF_SESSIONS = frozenset({*TOGETHER, *REMINDERS})


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed message, whom it goes to, and what its texts may say; no facts when it need not be sent any more."""

    message: Message
    to: Addressee | None
    facts: Mapping[str, object] | None = field(repr=False)
    #: What the reader is to have in their calendar.
    appointments: tuple[Appointment, ...] = ()
    #: Messages that this one says too: what becomes of it becomes of them.
    others: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says about a batch's messages. Links and sign-ins are whole addresses, by person and cause."""

    people: Mapping[uuid.UUID, Addressee]
    sessions: Mapping[uuid.UUID, SessionFacts]
    links: Mapping[uuid.UUID, str] = field(repr=False)
    sign_ins: Mapping[uuid.UUID, str] = field(repr=False)
    #: Cancellations of what their person was never invited to.
    needless: AbstractSet[uuid.UUID]
    #: How centres stand to budgets that are about to run out; those that are not any more are missing.
    usage: Mapping[uuid.UUID, Standing] = field(default_factory=dict)
    #: What there is to tell coordinators of their day; centres with nothing to tell are missing.
    digests: Mapping[uuid.UUID, Digest] = field(default_factory=dict)
    public_url: str = ""
    #: Who is invited to the sessions of which guides are told.
    coming: Mapping[uuid.UUID, Sequence[Coming]] = field(default_factory=dict)
    #: What centres have worded themselves, by centre, kind and language.
    own_words: Mapping[tuple[uuid.UUID, Kind, str], OwnWords] = field(default_factory=dict)
    #: Who of those to be reminded said that they cannot come: session and person.
    absent: AbstractSet[tuple[uuid.UUID, uuid.UUID]] = frozenset()
    #: What posts say, by language.
    posts: Mapping[uuid.UUID, Mapping[str, PostText]] = field(default_factory=dict)


async def look_up(work: UnitOfWork, batch: Sequence[Message], settings: Settings, now: datetime) -> list[Letter]:
    """All letters of a batch, with a handful of queries. Makes a personal link for whoever needs one and has none."""
    links = await codes_of(
        work,
        sorted({message.person_id for message in batch if message.kind in WITH_LINK}),
        settings.key_ring,
        now,
    )
    sign_ins = await sign_in_codes(
        work, [message.cause_id for message in batch if message.kind is Kind.SIGN_IN], settings.key_ring, now
    )
    warned = {message.centre_id for message in batch if message.kind is Kind.USAGE_WARNING}
    usage = {centre_id: await standing(work, centre_id, now) for centre_id in warned}
    known = Known(
        people=await addressees(work, list({message.person_id for message in batch})),
        sessions=await session_facts(work, list({m.session_id for m in batch if m.session_id is not None})),
        links={person_id: link_address(settings.public_url, code) for person_id, code in links.items()},
        sign_ins={cause_id: settings.public_url + sign_in_path(code) for cause_id, code in sign_ins.items()},
        needless=await outbox.needless_cancellations(work, batch),
        usage={centre_id: found for centre_id, found in usage.items() if found.alarm is not None},
        digests=await digests(work, sorted({m.centre_id for m in batch if m.kind is Kind.DIGEST}), now),
        public_url=settings.public_url,
        coming=await who_comes(work, [m.cause_id for m in batch if m.kind is Kind.GUIDE_BRIEFING]),
        own_words=await own_words_for(work, batch),
        absent=await absent_from(work, [m.cause_id for m in batch if m.kind in REMINDERS]),
        posts=await post_texts(work, [m.cause_id for m in batch if m.kind is Kind.POST]),
    )
    return [_letter(message, known, now) for message in batch]


def _letter(message: Message, known: Known, now: datetime) -> Letter:
    facts = facts_of(message, known, now)
    appointment = appointment_of(message, known) if facts is not None else None
    appointments = (appointment,) if appointment is not None else ()
    return Letter(message, known.people.get(message.person_id), facts, appointments)


def appointment_of(message: Message, known: Known) -> Appointment | None:
    """What the message's reader is to have in their calendar; None when it is not about a meeting."""
    session = known.sessions.get(message.cause_id)
    if message.kind not in IN_CALENDAR or session is None:
        return None
    return Appointment(
        session_id=message.cause_id,
        version=session.version,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        link=known.links.get(message.person_id) if message.kind is not Kind.CANCELLATION else None,
    )


def facts_of(message: Message, known: Known, now: datetime) -> dict[str, object] | None:
    """What the message's texts ask for; None when what it is about no longer holds.

    An invitation or a change holds while one can still come; a reminder until the start that it was written for; a
    cancellation until the session would have ended, unless the person was never invited to it; a sign-in while its
    link opens something; a warning while there is something to warn of.
    """
    person = known.people.get(message.person_id)
    if person is None:
        return None
    facts: dict[str, object] = {
        "name": person.name,
        "centre_name": person.centre_name,
        "centre_phone": person.centre_phone,
    }
    if (own := known.own_words.get((message.centre_id, message.kind, person.language))) is not None:
        facts["own_words"] = own
    about = _about(message, known, person.language, now)
    return facts | about if about is not None else None


def _about(message: Message, known: Known, language: str, now: datetime) -> dict[str, object] | None:
    link = known.links.get(message.person_id)
    about: dict[str, object] | None = None
    match message.kind:
        case Kind.SIGN_IN if (address := known.sign_ins.get(message.cause_id)) is not None:
            about = {"link": address}
        case Kind.NEW_LINK if link is not None:
            about = {"link": link}
        case Kind.POST if link is not None and (texts := known.posts.get(message.cause_id)):
            about = asdict(text_for(texts, language)) | {"link": link}
        case Kind.USAGE_WARNING if (usage := known.usage.get(message.centre_id)) is not None:
            about = _usage_facts(usage, known.public_url)
        case Kind.DIGEST if (digest := known.digests.get(message.centre_id)) is not None and _is_of_today(message, now):
            about = {"sessions": digest.sessions, "failed": digest.failed, "link": f"{known.public_url}/today"}
        case kind if kind in _OF_SESSIONS and (session := known.sessions.get(message.cause_id)) is not None:
            about = _session_facts(message, session, known, now)
    return about


def _is_of_today(message: Message, now: datetime) -> bool:
    """A digest that waited longer than a day tells of days that have been."""
    return now - message.created_at < timedelta(hours=12)


def _session_facts(message: Message, session: SessionFacts, known: Known, now: datetime) -> dict[str, object] | None:
    facts: dict[str, object] = {"title": session.title, "starts_at": session.starts_at, "ends_at": session.ends_at}
    if message.kind is Kind.CANCELLATION:
        holds = session.cancelled and now < session.ends_at and message.id not in known.needless
        return facts if holds else None
    link = known.links.get(message.person_id)
    if (
        link is None
        or session.over_at(now)
        or (message.kind in REMINDERS and not _still_reminds(message, session, now))
        or (message.cause_id, message.person_id) in known.absent
    ):
        return None
    if message.kind is Kind.GUIDE_BRIEFING:
        coming = known.coming.get(message.cause_id, ())
        facts["people"] = [_told_of(one) for one in coming if one.person_id != message.person_id]
    return facts | {"link": link}


def _told_of(coming: Coming) -> dict[str, object]:
    return {
        "name": coming.first_name,
        "languages": ", ".join(SPOKEN.get(code, code) for code in coming.languages),
        "level": NORWEGIAN_LEVELS.get(coming.norwegian_level or 0, ""),
    }


def _still_reminds(message: Message, session: SessionFacts, now: datetime) -> bool:
    """Whether a reminder is of the start that the session has now, and not too late."""
    key = idempotency_key(message.kind, message.cause_id, message.person_id, reminder_version(session.starts_at))
    return message.idempotency_key == key and reminder_holds(message.kind, session.starts_at, now)


def _usage_facts(usage: Standing, public_url: str) -> dict[str, object]:
    return {
        "month": usage.month.first,
        "alarm": usage.alarm,
        "used": usage.used,
        "limit": usage.budget.limit,
        "expected": usage.expected,
        "lasts_until": usage.lasts_until,
        "link": f"{public_url}/usage",
    }
