"""One file a page, or a family of pages about one thing."""

from rooms.dashboard.views import (
    agenda,
    breakout,
    cards,
    circles,
    devices,
    front,
    guests,
    invite,
    links,
    move,
    pairs,
    people,
    person,
    plan,
    session,
    strangers,
    supply,
    texts,
    today,
    usage,
)

ROUTES = (
    *front.ROUTES,
    *today.ROUTES,
    *plan.ROUTES,
    *session.ROUTES,
    *move.ROUTES,
    *breakout.ROUTES,
    *agenda.ROUTES,
    *invite.ROUTES,
    *people.ROUTES,
    *person.ROUTES,
    *pairs.ROUTES,
    *links.ROUTES,
    *circles.ROUTES,
    *cards.ROUTES,
    *texts.ROUTES,
    *guests.ROUTES,
    *devices.ROUTES,
    *strangers.ROUTES,
    *supply.ROUTES,
    *usage.ROUTES,
)

__all__ = ["ROUTES"]
