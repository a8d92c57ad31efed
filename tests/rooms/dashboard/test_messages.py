"""The page about messages: what failed and why, trying again once, what waits, and nothing of other centres."""

import re
import time
import uuid
from datetime import timedelta

from redis.asyncio import Redis
from sqlalchemy import select

from rooms.messages.records import ChannelPause, Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.people.records.persons import Person
from rooms.store.redis import HEARTBEAT
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.callers import Client, csrf_token
from tests.support.cast import Cast
from tests.support.queries import counted
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")


async def text_of(client: Client) -> str:
    response = await client.get("/messages")
    assert response.status == 200
    return re.sub(r"\s+", " ", await response.text())


async def message(
    store: Store, person: Person, town: Town, state: MessageState = MessageState.FAILED, **facts: object
) -> uuid.UUID:
    """An invitation that failed, unless told otherwise."""
    message_id = uuid.uuid4()
    async with store.work(ALL) as work:
        work.session.add(
            Message(
                **{
                    "id": message_id,
                    "centre_id": person.centre_id,
                    "person_id": person.id,
                    "kind": Kind.INVITATION,
                    "channel": Channel.EMAIL,
                    "idempotency_key": uuid.uuid4().hex,
                    "cause_id": uuid.uuid4(),
                    "state": state,
                    "created_at": town.now,
                    "next_try_at": town.now,
                    "attempts": 1,
                    "error": "550" if state is MessageState.FAILED else None,
                }
                | facts
            )
        )
    return message_id


async def row(store: Store, message_id: uuid.UUID) -> Message:
    async with store.work(ALL) as work:
        return (await work.session.scalars(select(Message).where(Message.id == message_id))).one()


async def test_nothing_to_say(kari: Client, redis: Redis) -> None:
    await redis.hset(HEARTBEAT, "worker", str(time.time() - 7))
    text = await text_of(kari)
    assert "Everything could be sent, these last two weeks." in text
    assert "Nobody works just now" not in text
    assert re.search(r"A worker was heard of \d+ seconds ago", text)


async def test_a_failed_message_is_told_of_and_tried_again_once(
    kari: Client, store: Store, klepp: Town, cast: Cast
) -> None:
    failed = await message(store, cast.amina, klepp, first_error="sms_400")
    await message(store, cast.yusuf, klepp, error="unwanted")
    await message(store, cast.yusuf, klepp, created_at=klepp.now - timedelta(days=15))
    text = await text_of(kari)
    assert text.count('/again"') == 1
    assert "The mail server refuses the address" in text
    for _ in range(2):  # a second click changes nothing
        response = await kari.post(
            f"/messages/{failed}/again", data={"csrf_token": await csrf_token(kari, "/people/new")}
        )
        assert response.status == 200
        found = await row(store, failed)
        assert (found.state, found.attempts, found.error, found.first_error) == (MessageState.DUE, 0, None, None)
    assert '/again"' not in await text_of(kari)


async def test_all_of_them(kari: Client, store: Store, klepp: Town, cast: Cast) -> None:
    ids = [await message(store, person, klepp) for person in (cast.amina, cast.yusuf)]
    of_kvam = await message(store, cast.kvam_participant, klepp)
    await kari.post("/messages/again", data={"csrf_token": await csrf_token(kari, "/people/new")})
    assert {(await row(store, each)).state for each in ids} == {MessageState.DUE}
    assert (await row(store, of_kvam)).state is MessageState.FAILED


async def test_what_waits_and_why(kari: Client, store: Store, klepp: Town, cast: Cast) -> None:
    await message(store, cast.amina, klepp, MessageState.DUE, created_at=klepp.now - timedelta(hours=3))
    await message(store, cast.yusuf, klepp, MessageState.DUE, next_try_at=klepp.now + timedelta(hours=1))
    async with store.work(ALL) as work:
        work.session.add(
            ChannelPause(channel=Channel.EMAIL, since=klepp.now, until=klepp.now, failures=3, error="no_connection")
        )
    text = await text_of(kari)
    assert "The mail server does not answer." in text
    assert re.findall(r"<dd>(\d+)</dd>", text)[:2] == ["1", "1"]
    assert "The oldest was written" in text


async def test_how_many_failed_changes_nothing_about_the_queries(
    kari: Client, store: Store, klepp: Town, cast: Cast
) -> None:
    await message(store, cast.amina, klepp)
    with counted() as few:
        await text_of(kari)
    for _ in range(10):
        await message(store, cast.yusuf, klepp)
    with counted() as many:
        await text_of(kari)
    assert len(many) == len(few)


async def test_without_redis_or_workers_it_says_so(kari: Client, redis: Redis, cast: Cast) -> None:
    assert "Nobody works just now" in await text_of(kari)
