"""Asking for help, the queue of those who wait, calls that ring for guides, and strangers in a guide's sessions."""

from superuser_training.help.views.ask import ROUTES as ASK
from superuser_training.help.views.calls import ROUTES as CALLS
from superuser_training.help.views.queue import ROUTES as QUEUE
from superuser_training.help.views.strangers import ROUTES as STRANGERS

ROUTES = (*ASK, *CALLS, *QUEUE, *STRANGERS)

__all__ = ["ROUTES"]
