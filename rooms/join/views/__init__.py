"""The personal link's page and what it asks."""

from rooms.join.views import feed, group, me, news
from rooms.join.views.keys import install
from rooms.join.views.open_link import open_link
from rooms.web.guard import ANYONE, Route

ROUTES = (
    Route("GET", "/l/{code}", open_link, ANYONE),
    Route("HEAD", "/l/{code}", open_link, ANYONE),
    *feed.ROUTES,
    *me.ROUTES,
    *group.ROUTES,
    *news.ROUTES,
)

__all__ = ["ROUTES", "install"]
