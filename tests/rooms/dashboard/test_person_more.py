"""A person's page beyond their facts: remarks, what they said yes to, what has happened."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.people.records.consents import Consent
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.seating.records import Presence
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town


async def events(klepp: Town, person: Person) -> list[Event]:
    async with klepp.work() as work:
        query = select(AuditEntry.event).where(AuditEntry.person_id == person.id).order_by(AuditEntry.at)
        return list(await work.session.scalars(query))


async def test_remarks_are_read_on_demand_and_that_is_written_down(
    kari: Client, nils: Client, post: Post, klepp: Town, cast: Cast
) -> None:
    path = f"/people/{cast.amina.id}/remarks"
    answer = await post(path, text="Trenger <b>ro</b> rundt seg")
    assert answer.headers["Location"] == f"{path}?done=remark-written"
    for unasked in (path, f"/people/{cast.amina.id}", "/people"):
        assert "rundt seg" not in await (await kari.get(unasked)).text()
    assert "Remarks (1)" in await (await kari.get(f"/people/{cast.amina.id}")).text()
    assert await events(klepp, cast.amina) == [Event.REMARK_WRITTEN]
    text = await (await post(f"{path}/read")).text()
    assert "Trenger &lt;b&gt;ro&lt;/b&gt; rundt seg" in text
    assert "Kari" in text
    assert await events(klepp, cast.amina) == [Event.REMARK_WRITTEN, Event.REMARKS_READ]
    assert (await nils.get(path)).status == 404
    remove = re.search(r'action="([^"]*/remove)"', text)
    assert remove is not None
    other = remove[1].replace(str(cast.amina.id), str(cast.yusuf.id))
    await post(other)
    assert "rundt seg" in await (await post(f"{path}/read")).text(), "it is not removed as somebody else's"
    for _ in range(2):
        assert (await post(remove[1])).headers["Location"] == f"{path}?done=remark-removed"
    assert (await events(klepp, cast.amina)).count(Event.REMARK_REMOVED) == 1
    assert "There are no remarks." in await (await kari.get(path)).text()


async def test_a_remark_that_cannot_be_is_said(post: Post, cast: Cast) -> None:
    path = f"/people/{cast.amina.id}/remarks"
    for text, said in ((" ", "Please fill this in."), ("x" * 2001, "This is too long.")):
        answer = await post(path, text=text)
        assert answer.status == 422
        assert said in await answer.text()


async def test_a_yes_is_noted_once_and_taken_back(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    path = f"/people/{cast.amina.id}"
    for _ in range(2):
        answer = await post(f"{path}/consents", kind="messages", how="paper")
        assert answer.headers["Location"] == f"{path}?done=consent-given"
    text = await (await kari.get(path)).text()
    assert "On paper" in text.partition('id="consents"')[2]
    for _ in range(2):
        assert (await post(f"{path}/consents/withdraw", kind="messages")).status == 303
    assert "taken back" in await (await kari.get(path)).text()
    async with klepp.work() as work:
        (consent,) = (await work.session.scalars(select(Consent))).all()
        person = await work.session.get_one(Person, cast.amina.id)
    assert consent.withdrawn_at is not None
    assert consent.recorded_by == cast.coordinator.id
    assert person.preferred_way is PreferredWay.NONE, "whoever takes back that yes is sent nothing more"
    assert await events(klepp, cast.amina) == [Event.CONSENT_GIVEN, Event.CONSENT_WITHDRAWN]
    await post(f"{path}/consents", kind="messages", how="spoken")
    await post(f"{path}/consents", kind="pictures", how="spoken")
    await post(f"{path}/consents/withdraw", kind="pictures")
    async with klepp.work() as work:
        kinds = (await work.session.scalars(select(Consent.kind).where(Consent.withdrawn_at.is_(None)))).all()
    assert [kind.value for kind in kinds] == ["messages"]


async def test_no_other_kind_or_way_is_noted(post: Post, klepp: Town, cast: Cast) -> None:
    path = f"/people/{cast.amina.id}/consents"
    assert (await post(path, kind="marriage", how="paper")).status == 422
    assert (await post(path, kind="listed", how="telepathy")).status == 422
    assert (await post(f"{path}/withdraw", kind="marriage")).status == 422
    async with klepp.work() as work:
        assert (await work.session.scalars(select(Consent))).all() == []


async def test_sessions_attendance_and_messages_are_one_list(kari: Client, klepp: Town, cast: Cast) -> None:
    hours = timedelta(hours=1)
    was_there = await klepp.session(cast.amina, starts_in=-50 * hours, title="Var der")
    await klepp.session(cast.amina, starts_in=-30 * hours, title="Var ikke der")
    await klepp.session(cast.amina, starts_in=30 * hours, title="Kommer")
    await klepp.session(cast.amina, starts_in=40 * hours, title="Avlyst", cancelled_at=klepp.now)
    dropped_in = await klepp.session(starts_in=-70 * hours, title="Innom")
    await klepp.session(cast.yusuf, starts_in=-2 * hours, title="Andres")
    for session, minutes in ((was_there, 42), (dropped_in, 7)):
        room = await klepp.room(session)
        stay = await klepp.stay(await klepp.seat(cast.amina, room), room)
        async with klepp.work() as work:
            await work.session.execute(
                update(Presence)
                .where(Presence.id == stay.id)
                .values(joined_at=session.starts_at, left_at=session.starts_at + timedelta(minutes=minutes))
            )
    async with klepp.work() as work:
        common = {"centre_id": klepp.centre_id, "person_id": cast.amina.id, "channel": Channel.EMAIL}
        work.session.add_all(
            [
                Message(
                    kind=Kind.INVITATION, session_id=was_there.id, cause_id=was_there.id, idempotency_key="a",
                    state=MessageState.SENT, created_at=klepp.now - 60 * hours, next_try_at=klepp.now,
                    sent_at=klepp.now - 60 * hours, **common,
                ),
                Message(
                    kind=Kind.NEW_LINK, cause_id=was_there.id, idempotency_key="b", state=MessageState.FAILED,
                    error="550", created_at=klepp.now - 10 * hours, next_try_at=klepp.now, **common,
                ),
                Message(
                    kind=Kind.SIGN_IN, cause_id=was_there.id, idempotency_key="c", state=MessageState.SENT,
                    created_at=klepp.now, next_try_at=klepp.now, **common,
                ),
            ]
        )  # fmt: skip
    text = (
        (await (await kari.get(f"/people/{cast.amina.id}")).text()).partition('id="history"')[2].partition("</ul>")[0]
    )
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in text.split("<li")[1:]]
    told = [
        ("Avlyst", "Cancelled"), ("Kommer", "Is invited"), ("A new link", "Could not be sent"),
        ("Var ikke der", "Did not come"), ("Var der", "Was there: 42 min"), ("Invitation", "Sent"),
        ("Innom", "Was there: 7 min"),
    ]  # fmt: skip
    assert len(rows) == len(told)
    for row, (what, outcome) in zip(rows, told, strict=True):
        assert what in row
        assert outcome in row


async def test_one_after_the_other_is_added(post: Post, kari: Client) -> None:
    answer = await post("/people/new", name="Ali", ui_language="ar", next="yes")
    assert answer.headers["Location"] == "/people/new?done=added"
    assert "Added." in await (await kari.get("/people/new?done=added")).text()
