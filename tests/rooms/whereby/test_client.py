"""The client against every answer that public clients of the API are known to get wrong."""

import asyncio
import json
import logging
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
import respx
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import (
    BadRequest,
    BudgetExhausted,
    KeyRefused,
    NoSuchMeeting,
    NotAllowed,
    ProviderDown,
    ProviderError,
    TooFast,
)
from tests.rooms.whereby.answers import DOWN, GONE, MADE, NEW, OK, PREFIX, Side, meeting, page, too_fast
from tests.rooms.whereby.conftest import KEY


async def test_a_room_is_made(whereby: WherebyClient, api: respx.Router) -> None:
    api.post("/meetings").mock(MADE)
    room = await whereby.create(NEW)
    assert room.meeting_id == "1"
    request = api.calls.last.request
    assert json.loads(request.content)["roomNamePrefix"] == PREFIX
    assert request.headers["Authorization"] == f"Bearer {KEY.get_secret_value()}"
    assert request.headers["Content-Type"] == "application/json"


async def test_every_call_has_a_timeout_and_only_a_creation_has_a_body(
    whereby: WherebyClient, api: respx.Router
) -> None:
    api.post("/meetings").mock(MADE)
    api.get("/meetings/1").mock(OK)
    api.get("/meetings").respond(json=page(meeting()))
    api.delete("/meetings/1").mock(GONE)
    await whereby.create(NEW)
    await whereby.get("1")
    assert [room.meeting_id async for room in whereby.list_meetings()] == ["1"]
    await whereby.delete("1")
    await whereby.ping()
    for call in api.calls:
        assert all(0 < seconds <= 10 for seconds in call.request.extensions["timeout"].values())
        assert bool(call.request.content) == (call.request.method == "POST")
    assert "hostRoomUrl" in api.calls[1].request.url.params["fields"]


async def test_all_pages_are_read(whereby: WherebyClient, api: respx.Router) -> None:
    pages = {None: ([1, 2], "two"), "two": ([3], "three"), "three": ([], "four"), "four": ([4], None)}

    def answer(request: httpx.Request) -> httpx.Response:
        numbers, cursor = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json=page(*map(meeting, numbers), cursor=cursor))

    api.get("/meetings").mock(side_effect=answer)
    assert [room.meeting_id async for room in whereby.list_meetings()] == ["1", "2", "3", "4"]
    assert api.calls[0].request.url.params["limit"] == "100"


async def test_a_ping_reads_little_and_no_host_links(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings").mock(side_effect=[DOWN, httpx.Response(200, json=page(meeting(), cursor="more"))])
    await whereby.ping()
    assert [dict(call.request.url.params) for call in api.calls] == [{"limit": "1"}] * 2


async def test_a_list_that_leads_in_a_circle_ends(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings").respond(json=page(meeting(), cursor="again"))
    with pytest.raises(ProviderDown):
        [room async for room in whereby.list_meetings()]
    assert api.calls.call_count == 2


async def test_a_page_that_fails_is_read_again_and_the_list_goes_on(whereby: WherebyClient, api: respx.Router) -> None:
    side = [httpx.Response(200, json=page(meeting(1), cursor="x")), DOWN, httpx.Response(200, json=page(meeting(2)))]
    api.get("/meetings").mock(side_effect=side)
    assert [room.meeting_id async for room in whereby.list_meetings()] == ["1", "2"]


async def test_a_list_that_nobody_may_read_is_an_error_and_not_empty(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings").respond(401)
    with pytest.raises(KeyRefused):
        await whereby.find_by_prefix(PREFIX)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, KeyRefused), (403, NotAllowed), (404, NoSuchMeeting), (422, BadRequest)],
)
@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b'{"error": "no"}'])
async def test_what_cannot_help_is_not_tried_again(
    whereby: WherebyClient, api: respx.Router, status: int, kind: type[ProviderError], body: bytes
) -> None:
    api.route().respond(status, content=body)
    with pytest.raises(kind):
        await whereby.create(NEW)
    with pytest.raises(kind):
        await whereby.get("1")
    assert api.calls.call_count == 2


async def test_a_room_that_is_gone_already_is_deleted(whereby: WherebyClient, api: respx.Router) -> None:
    api.delete("/meetings/1").mock(side_effect=[GONE, httpx.Response(404)])
    await whereby.delete("1")
    await whereby.delete("1")


@pytest.mark.parametrize("trouble", [DOWN, httpx.Response(200, text="not json"), httpx.ReadError, httpx.ConnectError])
async def test_reading_and_deleting_are_tried_again(whereby: WherebyClient, api: respx.Router, trouble: Side) -> None:
    api.get("/meetings/1").mock(side_effect=[trouble, trouble, OK])
    assert (await whereby.get("1")).meeting_id == "1"
    api.delete("/meetings/1").mock(side_effect=[DOWN, httpx.ReadTimeout, GONE])
    await whereby.delete("1")


async def test_trying_again_ends(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings/1").mock(DOWN)
    with pytest.raises(ProviderDown):
        await whereby.get("1")
    assert api.calls.call_count == 4


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (too_fast(300), 0.3),
        (httpx.Response(429, headers={"Retry-After": "1"}), 1),
        (httpx.Response(429, headers={"Retry-After": "1"}, json={"data": {"msLeft": 1200}}), 1.2),
        (httpx.Response(429, headers={"Retry-After": "0"}, text="<html>"), 0),
    ],
)
async def test_a_pause_is_kept_as_long_as_it_was_asked_for(
    whereby: WherebyClient, api: respx.Router, answer: httpx.Response, seconds: float
) -> None:
    times = []

    def note(turn: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
        def answer_and_note(_request: httpx.Request) -> httpx.Response:
            times.append(asyncio.get_running_loop().time())
            return turn()

        return answer_and_note

    turns = iter([answer, answer, MADE])
    api.post("/meetings").mock(side_effect=note(lambda: next(turns)))
    await whereby.create(NEW)
    assert len(times) == 3
    assert all(later - earlier >= seconds for earlier, later in pairwise(times))


async def test_a_pause_holds_for_every_process(whereby: WherebyClient, api: respx.Router, redis: Redis) -> None:
    api.post("/meetings").mock(too_fast(30_000))
    with pytest.raises(TooFast):
        await whereby.create(NEW)
    with pytest.raises(BudgetExhausted) as caught:
        await Budget(redis, 1000).spend(1)
    assert 25 < caught.value.seconds <= 30.1


async def test_a_long_pause_is_left_to_the_caller(whereby: WherebyClient, api: respx.Router) -> None:
    api.post("/meetings").mock(too_fast(45_000))
    with pytest.raises(TooFast) as caught:
        await whereby.create(NEW)
    assert caught.value.seconds == 45
    assert api.calls.call_count == 1


async def test_a_provider_that_always_says_too_fast_is_left_alone(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings/1").mock(too_fast(5))
    with pytest.raises(TooFast):
        await whereby.get("1")
    assert api.calls.call_count == 4


async def test_no_call_is_made_without_points(whereby: WherebyClient, api: respx.Router, budget: Budget) -> None:
    await budget.spend(998)
    with pytest.raises(BudgetExhausted) as caught:
        await whereby.create(NEW)
    assert caught.value.seconds > 50
    assert api.calls.call_count == 0


async def test_what_the_provider_says_is_left_is_heeded(whereby: WherebyClient, api: respx.Router) -> None:
    headers = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "2"}
    api.get("/meetings/1").mock(httpx.Response(200, json=meeting(), headers=headers))
    await whereby.get("1")
    with pytest.raises(BudgetExhausted):
        await whereby.create(NEW)


async def test_nothing_is_called_without_redis(api: respx.Router) -> None:
    """Points cannot be counted: nothing is called. A provider's error all the same, so that callers come back."""
    nowhere = Redis(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0))
    transport = httpx.MockTransport(api.async_handler)
    async with nowhere, WherebyClient("https://p.test/v1", KEY, Budget(nowhere, 100), transport=transport) as client:
        with pytest.raises(BudgetExhausted):
            await client.create(NEW)
    assert api.calls.call_count == 0


async def test_errors_and_logs_hold_neither_key_nor_address(
    whereby: WherebyClient, api: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for side in (httpx.ReadError("https://centre.whereby.com/room?roomKey=secret"), httpx.Response(401, text="Bearer")):
        api.get("/meetings/1").mock(side_effect=[side] * 4)
        with pytest.raises(ProviderError) as caught:
            await whereby.get("1")
        told.append(f"{caught.value!r} {caught.value.__cause__!r}")
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    text = " ".join(told) + caplog.text + repr(whereby.__dict__)
    for secret in (KEY.get_secret_value(), "roomKey", "centre.whereby.com"):
        assert secret not in text


async def test_calls_are_counted_by_their_outcome(whereby: WherebyClient, api: respx.Router) -> None:
    def counted(outcome: str) -> float:
        return REGISTRY.get_sample_value("sammen_provider_calls_total", {"call": "get", "outcome": outcome}) or 0

    before = [counted(outcome) for outcome in ("503", "ReadTimeout", "200")]
    api.get("/meetings/1").mock(side_effect=[DOWN, httpx.ReadTimeout, OK])
    await whereby.get("1")
    assert [counted(outcome) for outcome in ("503", "ReadTimeout", "200")] == [count + 1 for count in before]
