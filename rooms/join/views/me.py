"""/me/…: what the person's page asks and tells. JSON, for the browser that opened the link.

The page sends the link it shows (`X-Link`): two people who share a phone have two pages and one cookie, and neither
must see or do anything as the other. A page that finds itself taken over loads itself anew.
"""

import contextlib
import uuid
from datetime import datetime
from typing import Any

from aiohttp import web

from config import clock
from config.i18n import gettext
from rooms.access.rules.devices import Entry
from rooms.access.service import devices
from rooms.access.views.identity import this_device
from rooms.breakout.rules.announcements import READY
from rooms.breakout.service.announcements import said
from rooms.breakout.service.late import place_the_rest
from rooms.breakout.service.places import GroupFull, KeptApart, choose, raise_hand
from rooms.breakout.service.tables import tables
from rooms.breakout.service.whole import Gone, NoBreakout
from rooms.join.views.answer import as_json, name_of
from rooms.join.views.keys import READER
from rooms.join.views.turn import group_name, turn_as_json
from rooms.schedule.rules.formats import Answer, DeviceCheck
from rooms.schedule.service import invitations
from rooms.schedule.service.invitations import mark_device_check, mark_opened
from rooms.seating.rules.seat import Place
from rooms.seating.service import presence, seats
from rooms.seating.service.now import Found, at_the_door, by_link, may_enter
from rooms.web.errors import NotFound
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.keys import IDENTITY, LANGUAGE, SETTINGS
from rooms.web.work import work_of
from rooms.whereby.embed import Sitter, frame_address

LINK_HEADER = "X-Link"


async def what_is_now(request: web.Request) -> web.StreamResponse:
    """GET /me/now: where the person should be. `?camera=on&microphone=on` for the room's address."""
    return web.json_response(await _answer(request, await found_of(request)))


async def opened(request: web.Request) -> web.StreamResponse:
    """POST /me/opened: somebody moved or looked for a while. Scanners seldom do."""
    found = await found_of(request)
    if found.session is not None and not found.session.opened:
        await mark_opened(work_of(request), found.session.planned.session_id, found.who.person_id, clock.now())
    return web.json_response({})


async def device_check(request: web.Request) -> web.StreamResponse:
    """POST /me/device-check {found}: what the check found last, kept with the invitation for those who help."""
    result = (await _body(request)).get("found")
    if not isinstance(result, str) or result not in set(DeviceCheck):
        raise web.HTTPBadRequest
    found = await found_of(request)
    if found.session is not None:
        await mark_device_check(
            work_of(request),
            found.session.planned.session_id,
            found.who.person_id,
            DeviceCheck(result),
            clock.now(),
        )
    return web.json_response({})


async def answer(request: web.Request) -> web.StreamResponse:
    """POST /me/answer {answer: coming | late | absent, session}: what the person says of the meeting that is next."""
    body = await _body(request)
    said = body.get("answer")
    if not isinstance(said, str) or said not in set(Answer):
        raise web.HTTPBadRequest
    found = await found_of(request)
    # The page may have shown another meeting than the one that is next by now.
    if found.session is not None and body.get("session") == str(found.session.planned.session_id):
        work = work_of(request)
        await invitations.answer(work, found.session.planned.session_id, found.who.person_id, Answer(said), clock.now())
        await work.commit()
    return web.json_response(await _answer(request, await found_of(request)))


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /me/enter: the person stands at the door. Gives a seat, and the room's address if this browser may enter."""
    found = await found_of(request)
    if found.session is None or found.now.place not in {Place.OPEN, Place.LEFT, Place.ROOM}:
        return web.json_response(await _answer(request, found))
    now = clock.now()
    work = work_of(request)
    inside = await presence.devices_inside(work, found.who.person_id, now)
    entry = await devices.enter(work, this_device(request), inside, now)
    if entry is Entry.IN:
        await seats.arrive(work, found.session.planned.session_id, found.who.person_id, now)
    await work.commit()  # the answer is read anew, on another connection
    again = await found_of(request)
    if entry is Entry.IN and again.session is not None and _comes_late(again, now):
        # The person has their seat, whatever becomes of this; and planning never holds up the door of the others.
        await place_the_rest(work, again.session.planned.session_id, keys=request.app[SETTINGS].key_ring, now=now)
        await work.commit()
        again = await found_of(request)
    if entry is Entry.ASK:
        return web.json_response(as_json(again, request[LANGUAGE], now) | {"state": Place.OTHER_DEVICE})
    return web.json_response(await _answer(request, again))


async def leave(request: web.Request) -> web.StreamResponse:
    """POST /me/leave: the person pressed *Leave*."""
    found = await found_of(request)
    if found.session is not None:
        work = work_of(request)
        await seats.leave(work, found.session.planned.session_id, found.who.person_id, clock.now())
        await work.commit()
    return web.json_response(await _answer(request, await found_of(request)))


async def here(request: web.Request) -> web.StreamResponse:
    """POST /me/here {event: joined | here | gone, seat, room, stay}: what the room told the page.

    Answers `{"stay": …}` to `joined`; null when the seat is not in that room any more, so that the page asks again.
    """
    body = await _body(request)
    identity = request[IDENTITY]
    await found_of(request)
    now = clock.now()
    stay: uuid.UUID | None = None
    match body.get("event"):
        case "joined":
            seat, room = _uuid(body.get("seat")), _uuid(body.get("room"))
            stay = await presence.joined(
                work_of(request), seat, room, identity.person, device_id=this_device(request).id, now=now
            )
        case "here":
            stay = _uuid(body.get("stay"))
            await presence.still_here(work_of(request), {stay: identity.person}, now)
        case "gone":
            await presence.gone(work_of(request), _uuid(body.get("stay")), identity.person, now)
        case _:
            raise web.HTTPBadRequest
    return web.json_response({"stay": str(stay) if stay is not None else None})


async def found_of(request: web.Request) -> Found:
    """What is now for the person whose page asks. Raises NotFound for a link that no longer opens."""
    identity = request[IDENTITY]
    if identity.link_id is None:
        raise NotFound
    if request.headers.get(LINK_HEADER, str(identity.link_id)) != str(identity.link_id):
        raise web.HTTPConflict
    found = await by_link(request.app[READER], identity.link_id, clock.now())
    if found is None or not found.who.current:
        raise NotFound
    return found


async def _answer(request: web.Request, found: Found) -> dict[str, Any]:
    """The answer, with the room's address when the person sits and this browser may be there."""
    now = clock.now()
    answer = as_json(found, request[LANGUAGE], now)
    session = found.session
    if session is None:
        return answer
    answer |= await _turn(request, found, now)
    if found.now.place is Place.OPEN:
        place = await at_the_door(request.app[READER], session.planned.session_id, is_guide=found.who.is_guide, now=now)
        return answer | {"state": place.value}
    if found.now.place is not Place.ROOM or session.room_url is None or session.seat_id is None:
        return answer
    if not await may_enter(request.app[READER], found.who.person_id, this_device(request).id, now):
        return answer | {"state": Place.OTHER_DEVICE.value}
    sitter = Sitter(
        seat_id=session.seat_id,
        display_name=name_of(found.who.name, found.who.guest_role),
        language=request[LANGUAGE],
        camera_on=request.query.get("camera") == "on",
        microphone_on=request.query.get("microphone", "on") == "on",
    )
    address = frame_address(session.room_url, sitter, request.app[SETTINGS].room_hosts)
    return answer | {"room": {"address": address, "id": str(session.room_id), "seat": str(session.seat_id)}}


def _comes_late(found: Found, now: datetime) -> bool:
    """Whether a round is under way, and this person is in no group of it."""
    turn = found.session.planned.turn if found.session is not None else None
    return turn is not None and turn.is_on(now) and found.session is not None and found.session.group is None


async def hand(request: web.Request) -> web.StreamResponse:
    """POST /me/hand {up}: the person puts their hand up, or down."""
    up = (await _body(request)).get("up") is True
    found = await found_of(request)
    if found.session is not None:
        work = work_of(request)
        with contextlib.suppress(NoBreakout):  # the round is over: so is the question
            await raise_hand(work, found.session.planned.session_id, found.who.person_id, up, clock.now())
        await work.commit()
    return web.json_response(await _answer(request, await found_of(request)))


async def table(request: web.Request) -> web.StreamResponse:
    """POST /me/table {number}: the person walks to a table; null: back to the big room. `full` in the answer: no."""
    number = (await _body(request)).get("number")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise web.HTTPBadRequest
    found = await found_of(request)
    full = False
    if found.session is not None:
        work = work_of(request)
        try:
            await choose(
                work,
                found.session.planned.session_id,
                found.who.person_id,
                number,
                keys=request.app[SETTINGS].key_ring,
                now=clock.now(),
            )
        except (GroupFull, KeptApart, Gone, NoBreakout):
            full = True
        await work.commit()
    return web.json_response(await _answer(request, await found_of(request)) | {"full": full})


async def _turn(request: web.Request, found: Found, now: datetime) -> dict[str, Any]:
    """What the page shows of a breakout: the round, what was said to everybody or to the group, tables to choose."""
    session = found.session
    if session is None or session.planned.turn is None or found.now.place is not Place.ROOM:
        return {"turn": None, "said": [], "tables": []}
    language, work = request[LANGUAGE], work_of(request)
    group = session.group if session.group is not None and session.group.in_room else None
    number = group.number if group is not None else None
    return {
        "turn": turn_as_json(session.planned.turn, session.group, found.who.person_id, language, now),
        "said": [
            {"id": str(one.id), "text": gettext(language, READY[one.ready]) if one.ready else one.text}
            for one in await said(work, session.planned.session_id, now, group_number=number)
        ],
        "tables": [
            {
                "number": one.number,
                "name": group_name(one.name, one.number, language),
                "people": one.people,
                "most": one.most,
                "full": one.is_full,
                "mine": one.mine,
            }
            for one in await tables(work, session.planned.session_id, found.who.person_id, now)
        ],
    }


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body


def _uuid(text: object) -> uuid.UUID:
    try:
        return uuid.UUID(text if isinstance(text, str) else "")
    except ValueError as error:
        raise web.HTTPBadRequest from error


ROUTES = (
    Route("GET", "/me/now", what_is_now, PARTICIPANTS),
    Route("POST", "/me/opened", opened, PARTICIPANTS),
    Route("POST", "/me/device-check", device_check, PARTICIPANTS),
    Route("POST", "/me/answer", answer, PARTICIPANTS),
    Route("POST", "/me/enter", enter, PARTICIPANTS),
    Route("POST", "/me/leave", leave, PARTICIPANTS),
    Route("POST", "/me/here", here, PARTICIPANTS),
    Route("POST", "/me/hand", hand, PARTICIPANTS),
    Route("POST", "/me/table", table, PARTICIPANTS),
)
