"""/me/…: what the person's page asks and tells. JSON, for the browser that opened the link.

The page sends the link it shows (`X-Link`): two people who share a phone have two pages and one cookie, and neither
must see or do anything as the other. A page that finds itself taken over loads itself anew.
"""

import uuid
from typing import Any

from aiohttp import web

from config import clock
from rooms.access.rules.devices import Entry
from rooms.access.service import devices
from rooms.access.views.identity import this_device
from rooms.join.views.answer import as_json, name_of
from rooms.join.views.keys import READER
from rooms.schedule.rules.formats import DeviceCheck
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


async def enter(request: web.Request) -> web.StreamResponse:
    """POST /me/enter: the person stands at the door. Gives a seat, and the room's address if this browser may enter."""
    found = await found_of(request)
    if found.session is None or found.now.place not in {Place.OPEN, Place.LEFT, Place.ROOM}:
        return web.json_response(await _answer(request, found))
    now = clock.now()
    work = work_of(request)
    arrived = await seats.arrive(work, found.session.planned.session_id, found.who.person_id, now)
    entry = Entry.IN
    if arrived.outcome is seats.Arrival.SEATED:
        inside = await presence.devices_inside(work, found.who.person_id, now)
        entry = await devices.enter(work, this_device(request), inside, now)
    await work.commit()  # the answer is read anew, on another connection
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
    Route("POST", "/me/enter", enter, PARTICIPANTS),
    Route("POST", "/me/leave", leave, PARTICIPANTS),
    Route("POST", "/me/here", here, PARTICIPANTS),
)
