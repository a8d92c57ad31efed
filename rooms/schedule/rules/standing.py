"""A circle's standing room: on which days it is open, and when it gets a new address."""

from enum import StrEnum


class Renewal(StrEnum):
    """When a standing room gets a new room at the provider. Between two days it always does."""

    EACH_DAY = "each_day"
    #: Also when everybody has left.
    AFTER_USE = "after_use"
    #: Also every hour, or every third: whoever is inside is moved.
    EVERY_HOUR = "every_hour"
    EVERY_THREE_HOURS = "every_three_hours"
