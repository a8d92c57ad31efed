"""A room's connections without a browser: who hears what, in what order, and what a broken line costs."""

import asyncio
import json
from contextlib import AsyncExitStack

import aiohttp
import pytest

from rooms.roomserver import wire
from tests.rooms.roomserver.talking import at_the_door, host_key, talking
from tests.support.room_server import RoomServer


async def test_those_inside_hear_of_each_other(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room, name="Amina", external_id="e-1", audio=True) as amina:
        assert (await amina.hear("welcome"))["peers"] == []
        async with talking(server, room, name="Yusuf", metadata="m", video=True) as yusuf:
            welcome = await yusuf.hear("welcome")
            joined = await amina.hear("joined")
            [seen] = welcome["peers"]
            assert (seen["name"], seen["externalId"], seen["audio"], seen["video"]) == ("Amina", "e-1", True, False)
            peer = joined["peer"]
            assert (peer["name"], peer["metadata"], peer["audio"], peer["video"]) == ("Yusuf", "m", False, True)
            assert peer["polite"] != seen["polite"], "of two exactly one gives way"
            await yusuf.say("signal", to=seen["id"], data={"hello": 1})
            assert await amina.hear("signal") == {"t": "signal", "from": welcome["you"], "data": {"hello": 1}, "n": 2}
            await yusuf.say("media", audio=True, video=False)
            told = await amina.hear("media")
            assert (told["id"], told["audio"], told["video"]) == (welcome["you"], True, False)
            await yusuf.say("leave")
            assert (await amina.hear("left"))["id"] == welcome["you"]


async def test_no_secret_of_one_reaches_another(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room, name="Amina") as amina, talking(server, room, key=host_key(room)) as kari:
        mine = await amina.hear("welcome")
        text = json.dumps([await amina.hear("joined"), (await kari.hear("welcome"))["peers"]])
        assert mine["resume"] not in text
        assert host_key(room) not in text


async def test_signals_stay_within_a_room(server: RoomServer) -> None:
    one, other = await server.create(), await server.create()
    async with (
        talking(server, one) as amina,
        talking(server, one) as yusuf,
        talking(server, other) as stranger,
    ):
        amina_id = (await amina.hear("welcome"))["you"]
        await stranger.hear("welcome")
        await stranger.say("signal", to=amina_id, data={"from": "another room"})
        await stranger.say("signal", to=amina_id, data={"from": "another room"}, **{"from": "x"})
        await yusuf.hear("welcome")
        await amina.hear("joined")
        await yusuf.say("signal", to=amina_id, data={"from": "here"})
        assert (await amina.hear("signal"))["data"] == {"from": "here"}


async def test_twenty_at_once_fill_four_places_and_agree_who_is_there(server: RoomServer) -> None:
    """Everybody inside knows of everybody else exactly once, by the welcome or by an announcement."""
    room = await server.create(roomMode="normal")
    async with AsyncExitStack() as stack:
        talkers = [await stack.enter_async_context(at_the_door(server, room)) for _ in range(20)]
        await asyncio.gather(*(talker.say("hello", name=f"P{n}") for n, talker in enumerate(talkers)))
        answers = [json.loads((await talker.socket.receive()).data) for talker in talkers]
        assert sorted(answer["t"] for answer in answers) == ["full"] * 16 + ["welcome"] * 4
        assert {answer["capacity"] for answer in answers} == {4}
        inside = [(t, a) for t, a in zip(talkers, answers, strict=True) if a["t"] == "welcome"]
        everybody = {answer["you"] for _, answer in inside}
        for talker, answer in inside:
            known = [peer["id"] for peer in answer["peers"]]
            known += [(await talker.hear("joined"))["peer"]["id"] for _ in range(3 - len(known))]
            assert len(known) == 3
            assert {*known, answer["you"]} == everybody


async def test_only_a_host_opens_a_locked_door(server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    async with (
        talking(server, room, name="Kari", key=host_key(room)) as kari,
        talking(server, room, name="Amina", key="wrong") as amina,
    ):
        assert (await kari.hear("welcome"))["role"] == "host"
        await amina.hear("locked")
        await amina.say("admit", id="whoever")
        await amina.say("knock")
        await amina.hear("waiting")
        knocker = await kari.hear("knocker")
        assert knocker["name"] == "Amina"
        await kari.say("reject", id=knocker["id"])
        await amina.hear("rejected")
        await kari.hear("knocker_gone")
        await amina.say("knock")
        await amina.hear("waiting")
        await kari.hear("knocker")
        await kari.say("admit", id=knocker["id"])
        assert (await amina.hear("welcome"))["role"] == "granted_visitor"
        await kari.hear("knocker_gone")
        await kari.hear("joined")


async def test_a_late_host_hears_who_waits_and_who_has_given_up(server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    async with talking(server, room, name="Amina") as amina, talking(server, room, name="Yusuf") as yusuf:
        for talker in (amina, yusuf):
            await talker.hear("locked")
            await talker.say("knock")
            await talker.hear("waiting")
        async with talking(server, room, key=host_key(room)) as kari:
            await kari.hear("welcome")
            assert {(await kari.hear("knocker"))["name"] for _ in range(2)} == {"Amina", "Yusuf"}
            await amina.say("cancel_knock")
            assert (await kari.hear("knocker_gone"))["name"] == "Amina"
            await yusuf.socket.close()
            assert (await kari.hear("knocker_gone"))["name"] == "Yusuf"


async def test_a_host_hears_when_there_is_no_place_and_the_knocker_keeps_waiting(server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(talking(server, room, key=host_key(room))) for _ in range(4)]
        for host in hosts:
            await host.hear("welcome")
        for place, host in enumerate(hosts):
            for _ in range(3 - place):
                await host.hear("joined")
        amina = await stack.enter_async_context(talking(server, room, name="Amina"))
        await amina.hear("locked")
        await amina.say("knock")
        await amina.hear("waiting")
        knocker = await hosts[0].hear("knocker")
        await hosts[0].say("admit", id=knocker["id"])
        await hosts[0].hear("no_place")
        await hosts[3].say("leave")
        await hosts[0].hear("left")
        await hosts[0].say("admit", id=knocker["id"])
        await amina.hear("welcome")


async def test_a_viewer_passes_the_door_and_only_looks_on(server: RoomServer) -> None:
    room = await server.create(templateType="viewerMode")
    async with (
        talking(server, room, key=host_key(room)) as kari,
        talking(server, room, key=room["viewerRoomUrl"].partition("roomKey=")[2], audio=True, video=True) as viewer,
    ):
        await kari.hear("welcome")
        assert (await viewer.hear("welcome"))["role"] == "viewer"
        peer = (await kari.hear("joined"))["peer"]
        assert (peer["audio"], peer["video"]) == (False, False)
        await viewer.say("media", audio=True, video=True)
        await viewer.say("end")
        await viewer.say("leave")
        await kari.hear("left")


async def test_a_broken_line_loses_nothing_and_repeats_nothing(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room, name="Amina") as amina:
        mine = await amina.hear("welcome")
        async with talking(server, room, name="Yusuf") as yusuf:
            theirs = await yusuf.hear("welcome")
            await amina.hear("joined")
            await yusuf.say("signal", to=mine["you"], data={"number": 1}, n=1)
            await amina.hear("signal")
        # Yusuf's connection is gone. Amina goes on talking to him, and hears nothing of the break.
        await amina.say("signal", to=theirs["you"], data={"number": 1}, n=1)
        await amina.say("signal", to=theirs["you"], data={"number": 2}, n=2)
        async with talking(server, room, resume=theirs["resume"], seen=yusuf.seen) as back:
            resumed = await back.hear("resumed")
            assert (resumed["you"], resumed["heard"]) == (theirs["you"], 1)
            assert [(await back.hear("signal"))["data"]["number"] for _ in range(2)] == [1, 2]
            await back.say("signal", to=mine["you"], data={"number": 1}, n=1)
            await back.say("signal", to=mine["you"], data={"number": 2}, n=2)
            assert (await amina.hear("signal"))["data"] == {"number": 2}
            # A second connection by the same secret takes over; the first is hung up on.
            async with talking(server, room, resume=theirs["resume"], seen=back.seen) as again:
                await again.hear("resumed")
                assert await back.is_hung_up_on()
                await again.say("leave")
                await amina.hear("left")


async def test_whoever_does_not_come_back_is_gone_after_the_grace(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room) as amina:
        await amina.hear("welcome")
        async with talking(server, room) as yusuf:
            theirs = await yusuf.hear("welcome")
            await amina.hear("joined")
        async with asyncio.timeout(25):
            left = json.loads((await amina.socket.receive()).data)
        assert (left["t"], left["id"]) == ("left", theirs["you"])
        async with talking(server, room, resume=theirs["resume"]) as late:
            assert (await late.hear("welcome"))["you"] != theirs["you"]


async def test_a_page_loaded_again_finds_its_place(server: RoomServer) -> None:
    """Four are in; one loads the page anew, and must not be told that the room is full of herself."""
    room = await server.create(roomMode="normal")
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(talking(server, room)) for _ in range(3)]
        for other in others:
            await other.hear("welcome")
        async with talking(server, room, external_id="amina") as amina:
            old = await amina.hear("welcome")
            await others[2].hear("joined")
        async with talking(server, room, external_id="amina") as anew:
            welcome = await anew.hear("welcome")
            assert old["you"] not in {peer["id"] for peer in welcome["peers"]}
            assert (await others[2].hear("joined"))["peer"]["id"] == welcome["you"]
            assert (await others[2].hear("left"))["id"] == old["you"]


async def test_deleting_throws_everybody_out_and_keeps_them_out(server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    async with talking(server, room, key=host_key(room)) as kari, talking(server, room) as amina:
        mine = await kari.hear("welcome")
        await amina.hear("locked")
        await amina.say("knock")
        await amina.hear("waiting")
        await kari.hear("knocker")
        await server.delete(room["meetingId"])
        for talker in (kari, amina):
            assert (await talker.hear("removed"))["reason"] == "deleted"
            assert await talker.is_hung_up_on()
        for hello in ({"key": host_key(room)}, {"resume": mine["resume"]}):
            async with talking(server, room, **hello) as late:
                await late.hear("removed")
                assert await late.is_hung_up_on()


async def test_a_host_ends_it_for_all_and_a_visitor_does_not(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room) as amina, talking(server, room, key=host_key(room)) as kari:
        await amina.hear("welcome")
        await kari.hear("welcome")
        await amina.hear("joined")
        await amina.say("end")
        await amina.say("media", audio=True, video=True)
        await kari.hear("media")
        await kari.say("end")
        for talker in (amina, kari):
            assert (await talker.hear("removed"))["reason"] == "ended"


@pytest.mark.parametrize("text", ["nonsense", '{"t": "unknown"}', '{"t": "signal", "to": 1}'])
async def test_nonsense_ends_the_talk(server: RoomServer, text: str) -> None:
    async with at_the_door(server, await server.create()) as talker:
        await talker.socket.send_str(text)
        assert await talker.is_hung_up_on()


async def test_too_much_ends_the_talk(server: RoomServer) -> None:
    room = await server.create()
    async with talking(server, room) as amina:
        await amina.hear("welcome")
        for _ in range(401):
            await amina.say("media", audio=True, video=True)
        assert await amina.is_hung_up_on()
    async with talking(server, room) as amina:
        await amina.hear("welcome")
        await amina.say("signal", to="x", data={"long": "x" * wire.MOST_BYTES})
        assert await amina.is_hung_up_on()


async def test_another_site_cannot_talk_in_a_visitors_name(server: RoomServer) -> None:
    room = await server.create()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with at_the_door(server, room, origin="https://elsewhere.example"):
            pass
    assert refused.value.status == 403
