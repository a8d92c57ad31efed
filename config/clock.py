"""The only caller of the system's clock. All else takes `now` as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: ZoneInfo = OSLO) -> datetime:
    """`moment` as a centre's people read it on the wall. Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(zone)
