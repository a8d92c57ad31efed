"""What the room server's application carries, under typed keys."""

from aiohttp import web
from jinja2 import Environment

from config.settings import RoomServerSettings
from rooms.roomserver.auth import Points
from rooms.roomserver.hall import Hall
from rooms.roomserver.meetings import Database

SETTINGS = web.AppKey("settings", RoomServerSettings)
DATABASE = web.AppKey("database", Database)
HALL = web.AppKey("hall", Hall)
POINTS = web.AppKey("points", Points)
TEMPLATES = web.AppKey[dict[str, Environment]]("templates")
