"""A creation whose answer was lost: the room is found again by its prefix rather than made twice."""

import httpx
import pytest
import respx

from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import ProviderDown
from tests.rooms.whereby.answers import DOWN, MADE, NEW, PREFIX, Side, meeting, page, too_fast

LOST: list[Side] = [
    DOWN,
    httpx.Response(500),
    httpx.Response(201, text="cut o"),
    httpx.Response(201, content=b""),
    httpx.ReadTimeout,
    httpx.ConnectTimeout,  # what the default transport says of a connection that broke after the request, too
    httpx.ConnectError,
    httpx.ReadError,
    httpx.RemoteProtocolError,
]


@pytest.mark.parametrize("lost", LOST, ids=str)
async def test_a_room_whose_answer_was_lost_is_found_and_not_made_twice(
    whereby: WherebyClient, api: respx.Router, lost: Side
) -> None:
    creation = api.post("/meetings").mock(side_effect=[lost])
    others = [meeting(number, prefix=f"sammen-{number:020x}-") for number in range(5)]
    api.get("/meetings").mock(
        side_effect=[
            httpx.Response(200, json=page(*others, cursor="x")),
            httpx.Response(200, json=page(meeting(9))),
        ]
    )
    assert (await whereby.create(NEW)).meeting_id == "9"
    assert creation.call_count == 1


@pytest.mark.parametrize("lost", LOST, ids=str)
async def test_a_room_that_was_not_made_after_all_is_made(
    whereby: WherebyClient, api: respx.Router, lost: Side
) -> None:
    creation = api.post("/meetings").mock(side_effect=[lost, MADE])
    listing = api.get("/meetings").respond(json=page(meeting(2, prefix="sammen-00000000000000000000-")))
    assert (await whereby.create(NEW)).meeting_id == "1"
    assert (creation.call_count, listing.call_count) == (2, 1)


async def test_nothing_is_looked_for_when_the_provider_said_no(whereby: WherebyClient, api: respx.Router) -> None:
    api.post("/meetings").mock(side_effect=[too_fast(10), MADE])
    await whereby.create(NEW)
    assert api.calls.call_count == 2


async def test_a_doubt_is_not_forgotten_when_the_next_try_is_refused(whereby: WherebyClient, api: respx.Router) -> None:
    """The room shows up in the list only after the second look."""
    creation = api.post("/meetings").mock(side_effect=[httpx.ReadTimeout, too_fast(10)])
    api.get("/meetings").mock(
        side_effect=[httpx.Response(200, json=page()), httpx.Response(200, json=page(meeting(9)))]
    )
    assert (await whereby.create(NEW)).meeting_id == "9"
    assert creation.call_count == 2


async def test_nothing_is_made_while_it_is_unknown_whether_it_was(whereby: WherebyClient, api: respx.Router) -> None:
    creation = api.post("/meetings").mock(side_effect=[httpx.ReadTimeout, MADE])
    api.get("/meetings").mock(DOWN)
    with pytest.raises(ProviderDown):
        await whereby.create(NEW)
    assert creation.call_count == 1


async def test_a_restarted_worker_finds_its_room(whereby: WherebyClient, api: respx.Router) -> None:
    api.get("/meetings").respond(json=page(meeting(1, prefix="sammen-00000000000000000000-"), meeting(2)))
    found = await whereby.find_by_prefix(PREFIX)
    assert found is not None
    assert found.meeting_id == "2"
    assert await whereby.find_by_prefix("sammen-11111111111111111111-") is None


@pytest.mark.parametrize("prefix", ["", "sammen", "/"])
async def test_nobody_elses_room_is_found(whereby: WherebyClient, api: respx.Router, prefix: str) -> None:
    api.get("/meetings").respond(json=page(meeting()))
    with pytest.raises(ValueError, match="prefix"):
        await whereby.find_by_prefix(prefix)
