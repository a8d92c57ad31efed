"""Who may call a route. Every route says so where it is declared; one that does not stops the start."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from aiohttp import hdrs, web

from rooms.web.errors import NotFound, SignInNeeded
from rooms.web.keys import IDENTITY, Identity, Who

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Allow:
    """The callers that a route lets in. Open routes check something else: a code, a token, a signature."""

    name: str
    who: frozenset[Who]

    def allows(self, identity: Identity) -> bool:
        """Whether this caller may pass."""
        return identity.who in self.who


ANYONE = Allow("anyone", frozenset(Who))
PARTICIPANTS = Allow("participants", frozenset({Who.PARTICIPANT}))
COORDINATORS = Allow("coordinators", frozenset({Who.COORDINATOR}))


@dataclass(frozen=True, slots=True)
class Route:
    """A route and who may call it. `csrf=False` only for callers without cookies (the provider's webhooks).

    `most_bytes`: of what is posted, where that is more than the application takes otherwise.
    """

    method: str
    path: str
    handler: Handler
    allow: Allow
    csrf: bool = True
    most_bytes: int | None = None


ALLOW = web.AppKey("allow_by_handler", dict)


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Declare routes. Raises ValueError when a handler is used twice with different rules."""
    rules: dict[Handler, Route] = app.setdefault(ALLOW, {})
    for route in routes:
        known = rules.setdefault(route.handler, route)
        if (known.allow, known.csrf) != (route.allow, route.csrf):
            raise ValueError(f"{route.path}: the same handler with another rule")
        app.router.add_route(route.method, route.path, route.handler)


def declared(app: web.Application) -> list[Route]:
    """Every declared route of the application, for the test that tries them all."""
    rules: dict[Handler, Route] = app[ALLOW]
    return [
        replace(rules[route.handler], method=route.method, path=route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.handler in rules and route.method != hdrs.METH_HEAD
    ]


def check_all_declared(app: web.Application) -> None:
    """Raise RuntimeError for a route that says nothing about its callers. Static files are the one exception."""
    for route in app.router.routes():
        static = isinstance(route.resource, web.StaticResource)
        if not static and route.handler not in app[ALLOW]:
            raise RuntimeError(f"{route.method} {route.resource}: who may call it?")


def rule_of(request: web.Request) -> Route | None:
    """What was declared for the route of this request; None for static files and unknown paths."""
    rules: dict[object, Route] = request.app[ALLOW]
    return rules.get(request.match_info.handler)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request pass only if its route allows its caller.

    Nobody is sent to sign in; a participant at a coordinators' route is told that there is nothing.
    """
    rule = rule_of(request)
    identity = request[IDENTITY]
    if rule is not None and not rule.allow.allows(identity):
        if Who.COORDINATOR in rule.allow.who and identity.who is Who.NOBODY:
            raise SignInNeeded
        raise NotFound
    return await handler(request)
