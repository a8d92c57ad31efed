"""Who calls, and the sign-in pages."""

from rooms.access.views.sign_in import ROUTES

__all__ = ["ROUTES"]
