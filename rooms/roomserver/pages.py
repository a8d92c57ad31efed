"""The room's page, in the language that its address asks for."""

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import i18n
from rooms.roomserver.auth import role_of
from rooms.roomserver.keys import HALL, SETTINGS, TEMPLATES
from rooms.roomserver.mesh import capacity as full_capacity
from rooms.roomserver.room import Role

HERE = Path(__file__).parent


def make_templates() -> dict[str, Environment]:
    """One Jinja2 environment a language."""
    loader = FileSystemLoader(HERE / "templates")
    return {code: _environment(loader, code) for code in i18n.LANGUAGES}


def _environment(loader: FileSystemLoader, code: str) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = i18n.translations(code)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        texts.ugettext, texts.ungettext, newstyle=True
    )
    environment.globals["language"] = i18n.LANGUAGES[code]
    return environment


def page_headers(request: web.Request) -> dict[str, str]:
    """What a room's page may load, and whose pages may show it."""
    settings = request.app[SETTINGS]
    sockets = settings.room_server_url.replace("http", "ws", 1)
    embedders = " ".join(settings.room_server_allowed_origins) or "'none'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {sockets}; "
            f"media-src 'self' blob: mediastream:; img-src 'self'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {embedders}"
        ),
        "Permissions-Policy": "camera=(self), microphone=(self), fullscreen=(self), autoplay=(self)",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }


async def room_page(request: web.Request) -> web.Response:
    """GET /{name}: the room, or, with 404, a kind word that it is closed."""
    hall = request.app[HALL]
    meeting = await hall.meetings.by_name(request.match_info["name"])
    role = role_of(meeting, request.query.get("roomKey")) if meeting is not None else None
    language = i18n.choose(request.query.get("lang"), accept=request.headers.get("Accept-Language", ""))
    template = request.app[TEMPLATES][language].get_template("room.html")
    is_group = meeting is not None and meeting.mode == "group"
    capacity = hall.capacity_of(meeting) if meeting is not None else 0
    text = template.render(
        room_name=meeting.name if meeting is not None else "",
        capacity=capacity,
        group=is_group,
        is_small=is_group and capacity < full_capacity("group", has_sfu=True),
        watching=role is Role.VIEWER,
        origins=" ".join(request.app[SETTINGS].room_server_allowed_origins),
    )
    status = 200 if meeting is not None else 404
    return web.Response(text=text, status=status, content_type="text/html", headers=page_headers(request))
