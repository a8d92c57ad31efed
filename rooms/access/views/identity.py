"""Cookie → who. The application's IDENTIFY, and the middleware that writes what changed back to the browser.

A browser can hold two cookies: a participant's (from a personal link) and a coordinator's (from a sign-in); a
coordinator who tries a participant's link has both. Which one speaks:

1. On a route that lets in only one of the two kinds, that kind's cookie first. The other one is read only when the
   first proves nobody, so that the guard can tell a stranger from somebody who has to sign in.
2. On a route that takes both or anyone, the participant's cookie first at the addresses of the participant's page
   (`/l/…`, `/me/…`, `/live`, `/help`), the coordinator's first everywhere else. `/live?as=coordinator` is a board's.

The database is asked only for coordinators, and only where a coordinator is needed: whoever signed out, left, or is no
staff any more is out at once. A participant's routes ask it themselves, in the query that they make anyway
(`access.service.links.still_opens`), because thousands come in the same minute.
"""

import secrets
import uuid

from aiohttp import web

from config import clock
from rooms.access.rules.devices import device_id_of, hash_device
from rooms.access.rules.tokens import Audience, Claims, TokenRefused, claim, read_token, renewed, write_token
from rooms.access.service.devices import ThisDevice
from rooms.access.service.sign_in import Staff, staff_language
from rooms.store.scope import OneCentre
from rooms.web import cookies
from rooms.web.errors import Forbidden
from rooms.web.guard import Handler, rule_of
from rooms.web.keys import IDENTIFY, IDENTITY, NOBODY, SETTINGS, STORE, Identity, Who
from rooms.web.middleware import choose_language

#: Names of the cookies.
TOKENS = {Audience.PARTICIPANT: "participant", Audience.COORDINATOR: "coordinator"}
DEVICE = "device"
_YEAR = 365 * 24 * 3600
_PARTICIPANTS_ADDRESSES = ("/l/", "/me", "/live", "/help")

#: Cookies to write once the handler has answered: name → value and seconds, or None to drop it.
_WRITE = web.RequestKey("cookies_to_write", dict)


def install(app: web.Application) -> None:
    """Have the application find out who calls. `keep_cookies` has to be among its middlewares."""
    app[IDENTIFY] = identify


async def identify(request: web.Request) -> Identity:
    """Who calls, as the rule at the top of this file says. Renews a cookie that is in use."""
    rule = rule_of(request)
    allowed = rule.allow.who if rule is not None else frozenset(Who)
    for audience in _order(request, allowed):
        claims = _claims(request, audience)
        if claims is None:
            continue
        language: str | None = claims.language
        if audience is Audience.COORDINATOR and Who.NOBODY not in allowed:
            async with request.app[STORE].work(OneCentre(claims.centre_id)) as work:
                language = await staff_language(work, claims.proof_id, claims.person_id)
            if language is None:
                continue
        if fresh := renewed(claims, clock.now()):
            _remember(request, fresh)
        return _identity(claims, language)
    return NOBODY


def sign_in_participant(
    request: web.Request, *, link_id: uuid.UUID, person_id: uuid.UUID, centre_id: uuid.UUID, language: str
) -> Identity:
    """Make the caller of this request the person whose link was opened; the answer carries the cookies.

    From then on `request[IDENTITY]`, `request[LANGUAGE]` and `work_of(request)` are that person's.
    """
    device = cookies.read(request, DEVICE)
    if device is None:
        device = secrets.token_urlsafe(24)
    claims = claim(
        Audience.PARTICIPANT,
        person_id=person_id,
        centre_id=centre_id,
        proof_id=link_id,
        language=language,
        now=clock.now(),
        device_id=device_id_of(link_id, device),
    )
    _remember(request, claims)
    _to_write(request)[DEVICE] = (device, _YEAR)
    request[IDENTITY] = identity = _identity(claims, language)
    choose_language(request, language)
    return identity


def sign_in_coordinator(request: web.Request, staff: Staff) -> None:
    """Sign in on this browser somebody who has proved that they are staff."""
    claims = claim(
        Audience.COORDINATOR,
        person_id=staff.person_id,
        centre_id=staff.centre_id,
        proof_id=staff.sign_in_id,
        language=staff.language,
        now=clock.now(),
    )
    _remember(request, claims)


def sign_out_coordinator(request: web.Request) -> None:
    """Have this browser forget its coordinator."""
    _to_write(request)[TOKENS[Audience.COORDINATOR]] = None


def coordinator_claims(request: web.Request) -> Claims | None:
    """What the coordinator's cookie says, for signing out."""
    return _claims(request, Audience.COORDINATOR)


def this_device(request: web.Request) -> ThisDevice:
    """The participant's browser, for `access.service.devices.enter`.

    Raises Forbidden (reload the page) when its two cookies do not belong together.
    """
    identity = request[IDENTITY]
    token = cookies.read(request, DEVICE)
    if token is None or identity.link_id is None or device_id_of(identity.link_id, token) != identity.device_id:
        raise Forbidden
    return ThisDevice(
        id=identity.device_id,
        token_hash=hash_device(token),
        link_id=identity.link_id,
        person_id=identity.person,
        centre_id=identity.centre,
    )


@web.middleware
async def keep_cookies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write new and renewed cookies; innermost, so that an answer made from an error carries none."""
    response = await handler(request)
    if not response.prepared:
        for name, cookie in _to_write(request).items():
            if cookie is None:
                cookies.drop(request, response, name)
            else:
                cookies.write(request, response, name, *cookie)
    return response


def _order(request: web.Request, allowed: frozenset[Who]) -> tuple[Audience, Audience]:
    participant_first = (Audience.PARTICIPANT, Audience.COORDINATOR)
    coordinator_first = (Audience.COORDINATOR, Audience.PARTICIPANT)
    if (Who.PARTICIPANT in allowed) != (Who.COORDINATOR in allowed):
        return participant_first if Who.PARTICIPANT in allowed else coordinator_first
    theirs = request.path.startswith(_PARTICIPANTS_ADDRESSES) and request.query.get("as") != Who.COORDINATOR
    return participant_first if theirs else coordinator_first


def _claims(request: web.Request, audience: Audience) -> Claims | None:
    token = cookies.read(request, TOKENS[audience])
    try:
        return read_token(token, audience, request.app[SETTINGS].key_ring, clock.now())
    except TokenRefused:
        return None


def _identity(claims: Claims, language: str | None) -> Identity:
    if claims.audience is Audience.COORDINATOR:
        return Identity(Who.COORDINATOR, claims.centre_id, claims.person_id, language=language)
    return Identity(Who.PARTICIPANT, claims.centre_id, claims.person_id, claims.proof_id, claims.device_id, language)


def _remember(request: web.Request, claims: Claims) -> None:
    seconds = int((claims.expires_at - claims.issued_at).total_seconds())
    token = write_token(claims, request.app[SETTINGS].key_ring)
    _to_write(request)[TOKENS[claims.audience]] = (token, seconds)


def _to_write(request: web.Request) -> dict[str, tuple[str, int] | None]:
    if _WRITE not in request:
        request[_WRITE] = {}
    found: dict[str, tuple[str, int] | None] = request[_WRITE]
    return found
