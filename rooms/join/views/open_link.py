"""GET /l/{code}: the door. One page for whatever is now, at an address that stays.

It changes nothing: mail scanners and previews fetch it, run its script and press its buttons. One statement finds
everything, and the page's shell is rendered already, since thousands come in the same minute.
"""

from aiohttp import web

from config import clock
from rooms.access.rules.codes import hash_code, read_code
from rooms.access.views.identity import sign_in_participant
from rooms.join.views.answer import PARTS, phone_texts, texts
from rooms.join.views.keys import READER, SHELLS
from rooms.seating.rules.seat import Place
from rooms.seating.service.now import Found, by_code
from rooms.web import csrf
from rooms.web.keys import LANGUAGE
from rooms.web.ratelimit import client_address, hit

#: Wrong codes from one address: a centre's whole class may sit behind one, with last year's links.
_WRONG, _WINDOW = 60, 15 * 60


async def open_link(request: web.Request) -> web.StreamResponse:
    """GET /l/{code}: the person's page, or, for a code that leads nowhere, whom to call."""
    now = clock.now()
    code = read_code(request.match_info["code"])
    found = await by_code(request.app[READER], hash_code(code), now) if code else None
    if found is None or not found.who.current:
        return await _refuse(request, found)
    who = found.who
    sign_in_participant(
        request, link_id=who.link_id, person_id=who.person_id, centre_id=who.centre_id, language=who.language
    )
    return _page(request, "join/page.html", _values(request, found, request[LANGUAGE]))


def _values(request: web.Request, found: Found, language: str) -> dict[str, str]:
    # The room itself needs the script: whoever has a seat is shown the door to it.
    shown = Place.OPEN if found.now.place is Place.ROOM else found.now.place
    return {
        **texts(found, language, clock.now()),
        **{f"hide_{part}": "" if part == shown else "hidden" for part in PARTS},
        "state": shown.value,
        "link": str(found.who.link_id),
        "csrf": csrf.token(request),
        "hide_said": "" if found.session is not None and found.session.answer is not None else "hidden",
        "hide_following": "" if found.following is not None else "hidden",
    }


async def _refuse(request: web.Request, found: Found | None) -> web.Response:
    await hit(request, "link", client_address(request), tries=_WRONG, seconds=_WINDOW)
    was_guest = found is not None and found.who.guest_role is not None
    values = {
        "hide_visit_over": "" if was_guest else "hidden",
        "hide_replaced": "hidden" if was_guest else "",
        "hide_centre": "" if found is not None else "hidden",
        "hide_nobody": "hidden" if found is not None else "",
        "centre": found.who.centre_name if found is not None else "",
        **phone_texts(found.who.centre_phone if found is not None else ""),
    }
    return _page(request, "join/refused.html", values, status=404)


def _page(request: web.Request, template: str, values: dict[str, str], *, status: int = 200) -> web.Response:
    text = request.app[SHELLS].page(template, request[LANGUAGE], values)
    return web.Response(text=text, status=status, content_type="text/html")
