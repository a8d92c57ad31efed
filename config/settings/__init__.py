"""All settings of every process: typed, frozen, read from the environment once."""

from config.settings.service import DEMO_SECRET, Mode, Settings
from config.settings.types import WrongSettings, load

__all__ = ["DEMO_SECRET", "Mode", "Settings", "WrongSettings", "load"]
