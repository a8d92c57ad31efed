"""Coordinators' sign-in: ask for a link by e-mail, use it, sign out.

Whether an address is known must not show. The answer to asking is therefore given first, the same for everybody, and
the address is looked up in a task that runs beside the requests. A process that dies in between loses one ask, which
its person repeats; every way of keeping it first would make known addresses slower or put addresses where none belong.
"""

import asyncio
import secrets
from collections.abc import Coroutine

import structlog
from aiohttp import web

from config import clock
from config.i18n import marked as _
from rooms.access.rules.sign_ins import LIFE, Verdict, digits_of
from rooms.access.service import sign_in as service
from rooms.access.service.sign_in import Send
from rooms.access.views.identity import coordinator_claims, sign_in_coordinator, sign_out_coordinator
from rooms.store.scope import AllCentres
from rooms.web import cookies
from rooms.web.forms import Form
from rooms.web.guard import ANYONE, COORDINATORS, Route
from rooms.web.keys import SETTINGS, STORE
from rooms.web.ratelimit import client_address, hit
from rooms.web.respond import go_to, page
from rooms.web.work import work_across_centres, work_of

log = structlog.get_logger(__name__)

#: Puts a sign-in's message into the outbox; set by `rooms.app`, since `messages` lies above this subject.
SEND = web.AppKey[Send]("send_sign_in")

HOME = "/today"
_BROWSER = "sign_in"
_WINDOW = 15 * 60
_WHY = "whose sign-in it is says the code or the address"


class Asks:
    """The look-ups that run beside the requests. A stopping process finishes them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, look_up: Coroutine[None, None, None]) -> None:
        """Run one beside the requests."""
        task = asyncio.create_task(look_up)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self, _app: web.Application) -> None:
        """Wait for those that run; at most ten seconds."""
        if self._running:
            await asyncio.wait(self._running, timeout=10)


_ASKS = web.AppKey("sign_in_asks", Asks)


def install(app: web.Application, send: Send) -> None:
    """Have the application send sign-in links, and finish what was asked before it stops."""
    app[SEND] = send
    app[_ASKS] = asks = Asks()
    app.on_shutdown.append(asks.finish)


async def ask_page(request: web.Request) -> web.StreamResponse:
    """GET /sign-in: one field."""
    return page(request, "access/sign_in.html", form=Form())


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /sign-in: the same answer for every address."""
    form = Form(await request.post())
    email = form.text("email", most=254)
    if not form.errors:
        name, at, host = email.rpartition("@")
        if not (name and at and host) or any(letter.isspace() for letter in email):
            form.fail("email", _("This does not look like an e-mail address."))
    if form.errors:
        return page(request, "access/sign_in.html", status=422, form=form)
    await hit(request, "sign-in-address", client_address(request), tries=20, seconds=_WINDOW)
    await hit(request, "sign-in-email", email.lower(), tries=5, seconds=_WINDOW)
    browser = cookies.read(request, _BROWSER) or secrets.token_urlsafe(24)
    request.app[_ASKS].start(_look_up_and_send(request.app, email, browser))
    response = go_to("/sign-in/asked")
    cookies.write(request, response, _BROWSER, browser, int(LIFE.total_seconds()))
    return response


async def _look_up_and_send(app: web.Application, email: str, browser: str) -> None:
    try:
        async with app[STORE].work(AllCentres(_WHY)) as work:
            await service.ask(
                work, email, browser=browser, keys=app[SETTINGS].key_ring, send=app[SEND], now=clock.now()
            )
    except Exception:  # nobody waits for this task; its person asks again
        log.exception("sign-in not sent")


async def asked_page(request: web.Request) -> web.StreamResponse:
    """GET /sign-in/asked: what to do now, and the digits for another browser."""
    browser = cookies.read(request, _BROWSER)
    if browser is None:
        return go_to("/sign-in")
    digits = digits_of(next(iter(request.app[SETTINGS].key_ring.values())), browser)
    return page(request, "access/asked.html", digits=f"{digits[:3]} {digits[3:]}")


async def use_page(request: web.Request) -> web.StreamResponse:
    """GET /sign-in/{code}: a button, and nothing has changed until it is pressed."""
    verdict = await service.look(
        work_across_centres(request, _WHY),
        request.match_info["code"],
        browser=cookies.read(request, _BROWSER),
        keys=request.app[SETTINGS].key_ring,
        now=clock.now(),
    )
    return _show(request, verdict)


async def use(request: web.Request) -> web.StreamResponse:
    """POST /sign-in/{code}: consume the link and sign in."""
    await hit(request, "sign-in-use", client_address(request), tries=30, seconds=_WINDOW)
    form = Form(await request.post())
    outcome = await service.use(
        work_across_centres(request, _WHY),
        request.match_info["code"],
        browser=cookies.read(request, _BROWSER),
        typed=form.typed("digits"),
        keys=request.app[SETTINGS].key_ring,
        now=clock.now(),
    )
    if outcome.staff is None:
        return _show(request, outcome.verdict)
    sign_in_coordinator(request, outcome.staff)
    response = go_to(HOME)
    cookies.drop(request, response, _BROWSER)
    return response


def _show(request: web.Request, verdict: Verdict) -> web.Response:
    if verdict is Verdict.GONE:
        return page(request, "access/gone.html", status=404)
    wrong = verdict is Verdict.WRONG_CODE
    form = Form()
    if wrong:
        form.fail("digits", _("This is not the number. Look at the page where you asked for the link."))
    return page(
        request,
        "access/use.html",
        status=422 if wrong else 200,
        form=form,
        needs_digits=verdict is not Verdict.OPEN,
    )


async def leave(request: web.Request) -> web.StreamResponse:
    """POST /sign-out: end the sign-in, not only the cookie."""
    claims = coordinator_claims(request)
    if claims is not None:
        await service.sign_out(
            work_of(request),
            claims.proof_id,
            person_id=claims.person_id,
            centre_id=claims.centre_id,
            now=clock.now(),
        )
    sign_out_coordinator(request)
    return go_to("/sign-in")


ROUTES = (
    Route("GET", "/sign-in", ask_page, ANYONE),
    Route("POST", "/sign-in", ask, ANYONE),
    Route("GET", "/sign-in/asked", asked_page, ANYONE),
    Route("GET", "/sign-in/{code}", use_page, ANYONE),
    Route("POST", "/sign-in/{code}", use, ANYONE),
    Route("POST", "/sign-out", leave, COORDINATORS),
)
