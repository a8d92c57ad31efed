"""Asking for help, and the queue of those who wait."""

from superuser_training.help.views.ask import ROUTES as ASK
from superuser_training.help.views.queue import ROUTES as QUEUE

ROUTES = (*ASK, *QUEUE)

__all__ = ["ROUTES"]
