"""All settings of every process: typed, frozen, read from the environment once."""

from config.settings.embedded import EmbeddedSettings
from config.settings.service import DEMO_SECRET, Mode, Settings
from config.settings.types import WrongSettings, load

__all__ = ["DEMO_SECRET", "EmbeddedSettings", "Mode", "Settings", "WrongSettings", "load"]
