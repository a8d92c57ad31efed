"""What the provider counted itself: pages of it, odd entries in it, and providers that count nothing."""

from typing import Any

import httpx
import pytest
import respx
from redis.asyncio import Redis

from rooms.whereby.budget import Budget, Haste
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, KeyRefused, ProviderDown
from tests.rooms.whereby.answers import DOWN, PREFIX, page


def counted(number: int = 1, minutes: object = 124, **more: Any) -> dict[str, Any]:
    """A room as the provider's documentation shows it."""
    return {
        "roomName": f"/{PREFIX}{number}",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "endAt": "2026-11-01T01:00:00.000Z",
        "firstSessionStartedAt": None,
        "totalParticipantMinutes": minutes,
        "totalRecorderMinutes": 120,
        "totalUniqueParticipants": 4,
        "totalSessions": 2,
        **more,
    }


async def test_page_after_page(whereby: WherebyClient, api: respx.Router) -> None:
    route = api.get("/insights/rooms").mock(
        side_effect=[
            httpx.Response(200, json=page(counted(1), counted(2, 0.5), cursor="more")),
            httpx.Response(200, json=page(counted(3, 7))),
        ]
    )
    first = await whereby.insights()
    assert first is not None
    assert [room.minutes for room in first[0]] == [124, 0.5]
    last = await whereby.insights(first[1])
    assert last is not None
    assert ([room.room_name for room in last[0]], last[1]) == ([f"/{PREFIX}3"], None)
    assert [dict(call.request.url.params) for call in route.calls] == [
        {"limit": "100"},
        {"limit": "100", "cursor": "more"},
    ]


async def test_a_provider_that_counts_nothing(whereby: WherebyClient, api: respx.Router) -> None:
    route = api.get("/insights/rooms").respond(404)
    assert await whereby.insights() is None
    assert route.call_count == 1


@pytest.mark.parametrize(
    "odd",
    [None, 3, "text", {}, counted(minutes=None), counted(minutes=-1), counted(minutes="many"), {"roomName": "/x"}],
)
async def test_an_odd_entry_does_not_hide_the_others(whereby: WherebyClient, api: respx.Router, odd: Any) -> None:
    api.get("/insights/rooms").respond(200, json={"results": [odd, counted(2, "12")], "cursor": ""})
    found = await whereby.insights()
    assert found is not None
    assert ([room.minutes for room in found[0]], found[1]) == ([12], None)


async def test_trouble_is_told_as_everywhere(whereby: WherebyClient, api: respx.Router) -> None:
    route = api.get("/insights/rooms")
    route.respond(401)
    with pytest.raises(KeyRefused):
        await whereby.insights()
    route.respond(200, text="<html>")
    with pytest.raises(ProviderDown):
        await whereby.insights()
    route.mock(side_effect=[DOWN, httpx.Response(200, json=page())])
    assert await whereby.insights() == ([], None)


async def test_it_costs_a_point_and_leaves_those_that_others_need(
    whereby: WherebyClient, api: respx.Router, redis: Redis
) -> None:
    api.get("/insights/rooms").respond(200, json=page())
    await whereby.insights()
    points = await Budget(redis, 1000).state()
    assert points is not None
    assert points.spent == 1
    await Budget(redis, 1000, longest_wait=0).spend(int(1000 * (1 - Haste.LATER.value)) - 1)
    with pytest.raises(BudgetExhausted):
        await whereby.insights()
