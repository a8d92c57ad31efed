"""Read a form field by field: a value, or an error beside the field; what was typed is kept either way."""

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from config.i18n import marked as _


class Form:
    """A posted form. `errors` maps a field to an English message id, which the template translates."""

    def __init__(self, posted: Mapping[str, object] | None = None) -> None:
        self._posted = posted or {}
        self.errors: dict[str, str] = {}

    def typed(self, name: str, default: str = "") -> str:
        """What the reader typed, for showing it again."""
        value = self._posted.get(name, default)
        return value.replace("\0", "").strip() if isinstance(value, str) else default  # PostgreSQL stores no NUL

    def chosen(self, name: str) -> list[str]:
        """All values of a field that may come several times (checkboxes)."""
        getall = getattr(self._posted, "getall", None)
        values = getall(name, []) if getall is not None else [self._posted[name]] if name in self._posted else []
        return [value for value in values if isinstance(value, str)]

    def fail(self, name: str, message: str) -> None:
        """Put an error beside a field; the first one stays."""
        self.errors.setdefault(name, message)

    def text(self, name: str, *, most: int = 200, required: bool = True) -> str:
        """A line of text of at most so many characters."""
        value = self.typed(name)
        if required and not value:
            self.fail(name, _("Please fill this in."))
        if len(value) > most:
            self.fail(name, _("This is too long."))
        return value

    def choice(self, name: str, known: Mapping[str, object] | frozenset[str], *, required: bool = True) -> str:
        """One of the known values, or an empty text."""
        value = self.typed(name)
        if value not in known and (required or value):
            self.fail(name, _("Please choose one."))
            return ""
        return value

    def number(self, name: str, *, least: int, most: int) -> int:
        """A whole number within bounds; `least` when it is none."""
        try:
            value = int(self.typed(name))
        except ValueError:
            self.fail(name, _("Please write a number."))
            return least
        if not least <= value <= most:
            self.fail(name, _("This number is too small or too large."))
        return value

    def moment(self, day: str, clock: str, zone: ZoneInfo) -> datetime | None:
        """A day field and a time field as an aware time in `zone`; None, with an error, when they are none.

        A wall-clock time that the spring change skips is refused; one that the autumn change repeats is the first.
        """
        try:
            on = date.fromisoformat(self.typed(day))
        except ValueError:
            self.fail(day, _("Please choose a day."))
            return None
        try:
            at = time.fromisoformat(self.typed(clock))
        except ValueError:
            self.fail(clock, _("Please choose a time."))
            return None
        if not 2000 <= on.year < 3000:  # beyond, clocks and calendars end in errors
            self.fail(day, _("Please choose a day."))
            return None
        moment = datetime.combine(on, at.replace(second=0, microsecond=0, tzinfo=None), zone)
        if moment.astimezone(ZoneInfo("UTC")).astimezone(zone).time() != moment.time():
            self.fail(clock, _("The clocks change that night, and this time does not exist."))
            return None
        return moment
