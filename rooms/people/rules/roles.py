"""Who somebody is to a centre."""

from enum import StrEnum


class StaffRole(StrEnum):
    """Staff sign in to the dashboard. Permissions by role: `rooms/access/rules/permissions.py`."""

    COORDINATOR = "coordinator"
