"""Asking for help, the queue of those who wait, and the strangers in a guide's sessions."""

from superuser_training.help.views.ask import ROUTES as ASK
from superuser_training.help.views.queue import ROUTES as QUEUE
from superuser_training.help.views.strangers import ROUTES as STRANGERS

ROUTES = (*ASK, *QUEUE, *STRANGERS)

__all__ = ["ROUTES"]
