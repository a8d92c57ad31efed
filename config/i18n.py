"""Languages: which there are, which one a reader gets, and their texts and formats.

Message ids are the English texts. Each subject keeps its own catalogue, `locale/<lang>/LC_MESSAGES/<subject>.po`; they
are read at start and merged, so there is no compile step and two subjects never edit one file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations

from config.clock import local

LOCALE_FOLDER = Path(__file__).parent / "locale"
DEFAULT = "nb"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the interface: code, its own name, writing direction, and what the rooms speak."""

    code: str
    name: str
    direction: str
    room_language: str


LANGUAGES = {
    language.code: language
    for language in (
        Language("nb", "Norsk bokmål", "ltr", "nb"),
        Language("nn", "Norsk nynorsk", "ltr", "nb"),
        Language("en", "English", "ltr", "en"),
        Language("ar", "العربية", "rtl", "en"),
    )
}


def known(code: str | None) -> str | None:
    """The interface language that `code` (`nb-NO`, `no`, `AR`) means, or None."""
    if not code:
        return None
    base = code.replace("_", "-").split("-")[0].lower()
    base = "nb" if base == "no" else base
    return base if base in LANGUAGES else None


def choose(*wishes: str | None, accept: str = "") -> str:
    """The first known wish, else the first known of an Accept-Language header, else Norwegian bokmål."""
    for wish in wishes:
        if found := known(wish):
            return found
    ranked = []
    for place, part in enumerate(accept.split(",")):
        code, _, weight = part.partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, code.strip()))
        except ValueError:
            continue
    for _, _, code in sorted(ranked):
        if found := known(code):
            return found
    return DEFAULT


@cache
def translations(code: str) -> NullTranslations:
    """All subjects' texts in one language. A text without a translation comes back in English."""
    merged: NullTranslations = Translations()
    for path in sorted((LOCALE_FOLDER / code / "LC_MESSAGES").glob("*.po")):
        buffer = BytesIO()
        with path.open("rb") as file:
            write_mo(buffer, read_po(file, locale=code, domain=path.stem))
        buffer.seek(0)
        part = Translations(buffer)
        if isinstance(merged, Translations) and merged.files:
            merged.merge(part)
        else:
            merged = part
            merged.files = [str(path)]
    return merged


def gettext(code: str, text: str, **values: object) -> str:
    """`text` (English, the message id) in a language, with `%(name)s` placeholders filled in."""
    translated = translations(code).ugettext(text)
    return translated % values if values else translated


def marked(text: str) -> str:
    """Marks a text for extraction where nobody's language is known yet; it is translated when it is shown."""
    return text


def _locale(code: str) -> Locale:
    # Arabic with Western digits, as Norwegian timetables and clocks show them to the same reader.
    return Locale.parse({"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB", "ar": "ar_EG"}[code])


def day(moment: datetime, code: str) -> str:
    """Weekday, day and month, as the reader's language writes them, in the centre's zone: «mandag 23. november»."""
    local_day: date = local(moment).date()
    pattern = {"nb": "EEEE d. MMMM", "nn": "EEEE d. MMMM", "en": "EEEE d MMMM", "ar": "EEEE d MMMM"}[code]
    return format_date(local_day, pattern, locale=_locale(code))


def weekday(number: int, code: str) -> str:
    """The name of a weekday, 1 for Monday to 7 for Sunday."""
    return str(get_day_names("wide", context="stand-alone", locale=_locale(code))[number - 1])


def clock_time(moment: datetime, code: str) -> str:
    """Hour and minute in the centre's zone: «18:00». In every language as on Norwegian clocks."""
    return format_time(local(moment).timetz(), "HH:mm", locale=_locale(code))


def day_and_time(moment: datetime, code: str) -> str:
    """«mandag 23. november 18:00» in the reader's language and the centre's zone."""
    return f"{day(moment, code)} {clock_time(moment, code)}"


def iso_local(moment: datetime) -> str:
    """For `<time datetime>`: ISO 8601 with the centre's offset."""
    return local(moment).isoformat(timespec="minutes")


def month(first: date, code: str) -> str:
    """«november 2026», for a month's first day."""
    return format_date(first, "LLLL y", locale=_locale(code))


def number(value: int, code: str) -> str:
    """«12 345»: grouped as the reader's language does, in Western digits."""
    return format_decimal(value, locale=_locale(code))


def kroner(amount: Decimal, code: str) -> str:
    """«12 345,50 kr»."""
    return format_currency(amount, "NOK", "#,##0.00\N{NO-BREAK SPACE}¤", locale=_locale(code))


def listed(items: Sequence[str], code: str) -> str:
    """Names and the like as a sentence of that language lists them: «A, B og C». Empty for nothing."""
    if len(items) < 3:
        return _pair(code).format(*items) if len(items) == 2 else "".join(items)
    start, middle, end = _patterns(code)
    text = end.format(items[-2], items[-1])
    for item in reversed(items[1:-2]):
        text = middle.format(item, text)
    return start.format(items[0], text)


@cache
def _pair(code: str) -> str:
    return str(_locale(code).list_patterns["standard"]["2"])


@cache
def _patterns(code: str) -> tuple[str, str, str]:
    """Unicode's patterns of a list: Babel looks them up anew for each, which takes ten times as long as filling one."""
    patterns = _locale(code).list_patterns["standard"]
    return patterns["start"], patterns["middle"], patterns["end"]


__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "Language",
    "choose",
    "clock_time",
    "day",
    "day_and_time",
    "gettext",
    "iso_local",
    "known",
    "kroner",
    "listed",
    "month",
    "number",
    "translations",
]
