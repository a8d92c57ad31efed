"""The request's unit of work: opened when first asked for, committed when the handler has answered without an error."""

from aiohttp import web

from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import UnitOfWork
from rooms.web.keys import IDENTITY, STORE, WORK


def work_of(request: web.Request) -> UnitOfWork:
    """The unit of work of this request, scoped to the caller's centre. Raises LookupError for nobody."""
    if WORK not in request:
        request[WORK] = request.app[STORE].open(OneCentre(request[IDENTITY].centre))
    return request[WORK]


def work_across_centres(request: web.Request, why: str) -> UnitOfWork:
    """For the few doors that first have to find out who somebody is: sees all centres. `why` tells the reader."""
    if WORK not in request:
        request[WORK] = request.app[STORE].open(AllCentres(why))
    return request[WORK]
