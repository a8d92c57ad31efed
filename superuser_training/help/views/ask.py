"""POST /help: the participant's Help button, in every state of their page."""

from aiohttp import web

from config import clock
from rooms.join.views.me import found_of
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.work import work_of
from superuser_training.help.service import calls


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /help: `{"told": centre, "phone": number}`: who was told, and whom to call instead."""
    found = await found_of(request)
    await calls.ask(
        work_of(request),
        found.who.person_id,
        centre_id=found.who.centre_id,
        session_id=found.session.planned.session_id if found.session is not None else None,
        now=clock.now(),
    )
    return web.json_response({"told": found.who.centre_name, "phone": found.who.centre_phone})


ROUTES = (Route("POST", "/help", ask, PARTICIPANTS),)
