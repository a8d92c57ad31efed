"""Who somebody is to a centre."""

from enum import StrEnum


class StaffRole(StrEnum):
    """Staff sign in to the dashboard. Permissions by role: `rooms/access/rules/permissions.py`."""

    COORDINATOR = "coordinator"


class GuestRole(StrEnum):
    """Why somebody from outside is asked to a session."""

    LECTURER = "lecturer"
    HEALTH_WORKER = "health_worker"
    INTERPRETER = "interpreter"
    VISITOR = "visitor"


class Company(StrEnum):
    """With whom somebody sits in small groups."""

    ANYONE = "anyone"
    WOMEN = "women"
    #: Only members of one closed circle.
    CIRCLE = "circle"
