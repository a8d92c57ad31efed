"""The web application put together from every subject's views, nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from config.settings import Settings
from rooms.access import views as access
from rooms.access.records import SignIn
from rooms.access.views import identity, sign_in
from rooms.dashboard import views as dashboard
from rooms.join import views as join
from rooms.messages import views as messages
from rooms.messages.rules import Kind
from rooms.messages.service import outbox
from rooms.seating import views as seating
from rooms.store import redis as redis_store
from rooms.store.engine import make_engine
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.store.wakeups import Wakeups, queue_client
from rooms.web import health
from rooms.web.assets import Assets
from rooms.web.guard import ANYONE, Route, add_routes, check_all_declared
from rooms.web.keys import PAGES, REDIS, SETTINGS, STORE
from rooms.web.middleware import MIDDLEWARES, add_security_headers
from rooms.web.pages import Pages
from superuser_training.certification import views as certification
from superuser_training.guides import views as guides
from superuser_training.help import views as help_views

HERE = Path(__file__).parent
TEMPLATES = [
    *(HERE / subject / "templates" for subject in ("web", "access", "join", "dashboard")),
    *(HERE.parent / "superuser_training" / subject / "templates" for subject in ("guides", "certification", "help")),
]


def make_app(settings: Settings) -> web.Application:
    """The application, ready to run. It holds nothing that another replica would miss."""
    app = web.Application(middlewares=[*MIDDLEWARES, identity.keep_cookies], client_max_size=256 * 1024)
    assets = Assets()
    app[SETTINGS] = settings
    app[PAGES] = Pages(TEMPLATES, assets)
    app.cleanup_ctx.append(_resources)
    add_security_headers(app)
    identity.install(app)
    sign_in.install(app, _send_sign_in)
    add_routes(app, health.ROUTES)
    seating.install(app)
    join.install(app)
    add_routes(app, access.ROUTES)
    add_routes(app, messages.ROUTES)
    add_routes(app, seating.ROUTES)
    add_routes(app, join.ROUTES)
    add_routes(app, dashboard.ROUTES)
    add_routes(app, guides.ROUTES)
    add_routes(app, certification.ROUTES)
    add_routes(app, help_views.ROUTES)
    add_routes(app, [Route("GET", "/static/{hash}/{name:.+}", assets.serve, ANYONE)])
    check_all_declared(app)
    return app


async def _send_sign_in(work: UnitOfWork, asked: SignIn) -> None:
    await outbox.put(
        work,
        kind=Kind.SIGN_IN,
        cause_id=asked.id,
        person_id=asked.person_id,
        centre_id=asked.centre_id,
        now=asked.made_at,
        priority=1,  # somebody sits and waits for it
    )
    work.wake_worker("workers.messages.send_due")


async def _resources(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    redis = redis_store.connect(settings.redis_url)
    engine = make_engine(settings.database_url)
    app[REDIS] = redis
    app[STORE] = Store(engine, Wakeups(redis, queue_client(settings.redis_url)))
    yield
    await engine.dispose()
    await redis.aclose()
