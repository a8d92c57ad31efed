"""`python -m rooms.roomserver`: serve rooms until SIGTERM."""

import sys

from config.settings import RoomServerSettings, WrongSettings, load
from rooms.roomserver.app import run

try:
    run(load(RoomServerSettings))
except WrongSettings as error:
    sys.exit(str(error))
