import pytest
from aiohttp import web

from rooms.access.records import SignIn
from rooms.access.views import sign_in
from rooms.store.unit_of_work import UnitOfWork


@pytest.fixture
async def app(app: web.Application) -> web.Application:
    async def send(_work: UnitOfWork, _sign_in: SignIn) -> None: ...

    if sign_in.SEND not in app:
        sign_in.install(app, send)
    return app
