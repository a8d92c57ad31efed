"""The live channel, and the provider's webhooks."""

from aiohttp import web

from rooms.seating.views import hub, intake
from rooms.seating.views.live import live
from rooms.seating.views.provider_events import take
from rooms.web.guard import ANYONE, Allow, Route
from rooms.web.keys import Who

FOLLOWERS = Allow("participants and coordinators", frozenset({Who.PARTICIPANT, Who.COORDINATOR}))

ROUTES = (
    Route("GET", "/live", live, FOLLOWERS),
    Route("POST", "/provider-events", take, ANYONE, csrf=False),
)

__all__ = ["ROUTES", "install"]


def install(app: web.Application) -> None:
    """Give the application its hub and its intake. The store and Redis have to be opened by earlier contexts."""
    hub.install(app)
    intake.install(app)
