"""What every page of the dashboard has: its frame, ids in addresses, and where a posted form leads."""

import uuid

from aiohttp import web

from rooms.dashboard.views import words
from rooms.people.service.persons import staff
from rooms.web.errors import NotFound
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.respond import go_to, page
from rooms.web.work import work_of


async def show(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A page in the dashboard's frame. `words` and whether there is SMS are there in every template."""
    return page(
        request,
        template,
        status=status,
        staff=await staff(work_of(request), request[IDENTITY].person),
        done=words.DONE.get(request.query.get("done", "")),
        words=words,
        has_sms=request.app[SETTINGS].sms_url is not None,
        **values,
    )


def done(address: str, what: str) -> web.Response:
    """Have the browser fetch a page, which says what was done: a key of `words.DONE`."""
    return go_to(f"{address}?done={what}")


def id_in(request: web.Request, name: str = "id") -> uuid.UUID:
    """The id in the address. Raises NotFound for what is none."""
    try:
        return uuid.UUID(request.match_info[name])
    except ValueError as error:
        raise NotFound from error


def session_in_query(request: web.Request) -> uuid.UUID | None:
    """`?session=…`: the session from whose page the coordinator came, and to which they go back."""
    try:
        return uuid.UUID(request.query.get("session", ""))
    except ValueError:
        return None


def way_back(session_id: uuid.UUID | None, otherwise: str) -> str:
    """The page of that session, or another one."""
    return f"/sessions/{session_id}" if session_id is not None else otherwise
