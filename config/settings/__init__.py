"""All settings of every process: typed, frozen, read from the environment once."""

from config.settings.embedded import EmbeddedSettings
from config.settings.room_server import RoomServerSettings
from config.settings.service import DEMO_SECRET, Mode, Settings
from config.settings.types import WrongSettings, load

__all__ = ["DEMO_SECRET", "EmbeddedSettings", "Mode", "RoomServerSettings", "Settings", "WrongSettings", "load"]
