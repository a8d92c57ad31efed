"""The board of a session, and what can be done from it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.schedule.records import Invitation, Session
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.lively import Lively
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")


async def test_the_board_says_in_words_how_far_everybody_is(kari: Client, lively: Lively) -> None:
    text = await (await kari.get(f"/sessions/{lively.session.id}")).text()
    for words in (
        "Running now",
        "Is in",
        "Alone in the room",
        "Lost the connection",
        "Has left",
        "The browser blocks the microphone",
        "Was sent the link",
        "The mail server refuses the address. Correct it and send again.",
        "There is no way to write to them. Give them their link another way.",
        "The mail server could not be reached. We keep trying.",
        "Rooms ready: 2",
    ):
        assert words in text, words
    assert text.count("Alone in the room") == 1
    assert text.count("/send-again") == 2  # of those not reached: failed, with an address; sent, and not opened


async def test_more_people_are_invited(store: Store, post: Post, kari: Client, cast: Cast, klepp: Town) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(hours=1))
    address = f"/sessions/{session.id}/invite"
    page = await (await kari.get(address)).text()
    assert str(cast.yusuf.id) in page
    assert str(cast.amina.id) not in page
    nobody = await post(address)
    assert nobody.status == 422
    assert "Choose at least one person." in await nobody.text()
    assert (await post(address, person=str(cast.yusuf.id))).status == 303
    async with store.work(ALL) as work:
        assert set(await work.session.scalars(select(Invitation.person_id))) == {cast.amina.id, cast.yusuf.id}
        assert list(await work.session.scalars(select(Message.person_id))) == [cast.yusuf.id]


async def test_cancelling_asks_first_and_tells_everybody(
    store: Store, post: Post, kari: Client, cast: Cast, klepp: Town
) -> None:
    session = await klepp.session(cast.amina, cast.yusuf, starts_in=timedelta(hours=1))
    address = f"/sessions/{session.id}/cancel"
    assert "This cannot be undone." in await (await kari.get(address)).text()
    async with store.work(ALL) as work:
        assert (await work.session.get_one(Session, session.id)).cancelled_at is None
    assert (await post(address)).headers["Location"] == f"/sessions/{session.id}?done=cancelled"
    async with store.work(ALL) as work:
        assert (await work.session.get_one(Session, session.id)).cancelled_at is not None
        kinds = (await work.session.scalars(select(Message.kind))).all()
        assert kinds == [Kind.CANCELLATION] * 2
    board = await (await kari.get(f"/sessions/{session.id}")).text()
    assert "Cancelled" in board
    assert "/invite" not in board
    assert (await kari.get(address, allow_redirects=False)).status == 303


@pytest.mark.parametrize(
    ("starts_in", "can_end"), [(timedelta(hours=1), False), (timedelta(minutes=5), True), (timedelta(hours=-2), False)]
)
async def test_only_what_is_open_can_be_ended(
    store: Store, post: Post, kari: Client, klepp: Town, starts_in: timedelta, *, can_end: bool
) -> None:
    session = await klepp.session(starts_in=starts_in)
    assert (f"/sessions/{session.id}/end" in await (await kari.get(f"/sessions/{session.id}")).text()) == can_end
    assert (await post(f"/sessions/{session.id}/end")).status == 303
    async with store.work(ALL) as work:
        assert ((await work.session.get_one(Session, session.id)).ended_at is not None) == can_end


async def test_a_link_that_did_not_arrive_is_sent_again(store: Store, post: Post, lively: Lively) -> None:
    failed = lively.people["failed"]
    address = f"/sessions/{lively.session.id}/people/{failed.id}/send-again"
    for tries, says in (("x", "needs-no-other"), ("1", "sent-again"), ("1", "needs-no-other")):  # clicked twice
        response = await post(address, tries=tries)
        assert response.headers["Location"].endswith(f"?done={says}")
    async with store.work(ALL) as work:
        states = await work.session.scalars(select(Message.state).where(Message.person_id == failed.id))
        assert sorted(states) == [MessageState.DUE, MessageState.FAILED]


@pytest.mark.parametrize("who", ["in", "left", "dropped", "blocked", "not_sent"])
async def test_nobody_who_came_or_is_being_written_to_is_sent_another(
    store: Store, post: Post, lively: Lively, who: str
) -> None:
    person = lively.people[who]

    async def written() -> int:
        async with store.work(ALL) as work:
            return len((await work.session.scalars(select(Message.id).where(Message.person_id == person.id))).all())

    before = await written()
    response = await post(f"/sessions/{lively.session.id}/people/{person.id}/send-again", tries=str(before))
    assert response.headers["Location"].endswith("?done=needs-no-other")
    assert await written() == before


async def test_whoever_is_stuck_and_then_whoever_is_not_reached_stands_first(kari: Client, lively: Lively) -> None:
    text = await (await kari.get(f"/sessions/{lively.session.id}")).text()
    reached = text.index('id="reached"')
    unreached = text.index('id="unreached"')
    by_place = sorted(lively.people, key=lambda who: text.index(f'id="row-{lively.people[who].id}"'))
    assert by_place[:5] == ["sent", "no_address", "failed", "blocked", "not_sent"]
    assert unreached < text.index(f'id="row-{lively.people["no_address"].id}"')
    assert text.index('id="stuck"') < text.index(f'id="row-{lively.people["sent"].id}"') < unreached
    assert text.index(f'id="row-{lively.people["not_sent"].id}"') < reached


async def test_strangers_find_nothing(nils: Client, lively: Lively) -> None:
    session, person = lively.session.id, lively.people["in"].id
    for address in (f"/sessions/{session}", f"/sessions/{session}/invite", f"/sessions/{session}/cancel",
                    f"/sessions/{session}/end", f"/people/{person}", f"/people/{person}/link"):  # fmt: skip
        assert (await nils.get(address)).status == 404
    for address in ("/today", "/people", "/help/queue", f"/help/queue?session={session}", "/sessions/new"):
        text = await (await nils.get(address)).text()
        assert not any(known.name in text for known in lively.people.values())


@pytest.mark.parametrize("address", ["/sessions/1", "/people/x", "/people/%00", "/sessions/x/cancel", "/people/x/link"])
async def test_what_is_no_id_is_not_found(kari: Client, address: str) -> None:
    assert (await kari.get(address)).status == 404


async def test_the_reason_of_a_failure_is_never_text_from_outside(kari: Client, store: Store, lively: Lively) -> None:
    async with store.work(ALL) as work:
        await work.session.execute(update(Message).values(state=MessageState.FAILED, error="<b>oops</b>"))
    text = await (await kari.get(f"/sessions/{lively.session.id}")).text()
    assert "oops" not in text
    assert "The mail could not be sent." in text
