"""Rows of an uploaded list → people to add: what each says, what is wrong with it, and who is there already. Pure."""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from config.i18n import known as interface_language
from rooms.people.rules.contact import BadContact, PreferredWay, email_address, phone_number
from rooms.people.rules.import_columns import Column, folded
from rooms.people.rules.language_names import language_code

NAME_LENGTH, EMAIL_LENGTH, PHONE_LENGTH = 100, 254, 40


class Trouble(StrEnum):
    """What is to be said about a row."""

    NO_NAME = "no_name"
    LONG_NAME = "long_name"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    #: The same address or number as an earlier row, or as somebody who is known.
    SAME_AS_ROW = "same_as_row"
    ON_THE_LIST = "on_the_list"
    #: Hints: the row is added all the same, without what was not understood.
    NAME_KNOWN = "name_known"
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_LEVEL = "unknown_level"
    UNKNOWN_WAY = "unknown_way"


_BAD = {Trouble.NO_NAME, Trouble.LONG_NAME, Trouble.BAD_EMAIL, Trouble.BAD_PHONE}
_DUPLICATE = {Trouble.SAME_AS_ROW, Trouble.ON_THE_LIST}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to be said. `said`: the words of the list that it is about. `row`: the other row."""

    trouble: Trouble
    said: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it came. `number`: its place in the file, headings counted and empty rows not.

    `problems`: once it was left out.
    """

    number: int
    cells: list[str]
    problems: Sequence[Problem] = ()

    def stored(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"problems": [asdict(one) for one in self.problems]}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Row":
        """The other way round."""
        problems = [Problem(Trouble(one["trouble"]), one["said"], one["row"]) for one in stored["problems"]]
        return cls(stored["number"], list(stored["cells"]), problems)


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as a row tells of them, ready to be added. `languages`: the mother tongue first."""

    name: str
    email: str | None = None
    phone: str | None = None
    languages: Sequence[str] = ()
    norwegian_level: int | None = None
    ui_language: str | None = None
    preferred_way: PreferredWay = PreferredWay.EMAIL


class Verdict(StrEnum):
    """What becomes of a row: added; added only if a coordinator says so; never added as it is."""

    READY = "ready"
    DUPLICATE = "duplicate"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with what was found. `person_id`: who is known already, by address or number, else by name alone."""

    row: Row
    entry: Entry
    problems: Sequence[Problem]
    person_id: uuid.UUID | None = None

    @property
    def verdict(self) -> Verdict:
        """What becomes of it."""
        troubles = {one.trouble for one in self.problems}
        if troubles & _BAD:
            return Verdict.BAD
        return Verdict.DUPLICATE if troubles & _DUPLICATE else Verdict.READY


@dataclass(frozen=True, slots=True)
class Known:
    """People of the centre: addresses in small letters, numbers (E.164) and folded names, each with whose it is."""

    emails: Mapping[str, uuid.UUID] = field(default_factory=dict)
    phones: Mapping[str, uuid.UUID] = field(default_factory=dict)
    names: Mapping[str, uuid.UUID] = field(default_factory=dict)


def check(rows: Iterable[Row], columns: Sequence[Column], known: Known) -> list[Checked]:
    """Every row in its order. A row that is bad makes no later one a duplicate."""
    emails: dict[str, int] = {}
    phones: dict[str, int] = {}
    found = []
    for row in rows:
        entry, problems = read(row.cells, columns)
        email, phone = (entry.email or "").lower(), entry.phone or ""
        person_id = known.emails.get(email) or known.phones.get(phone)
        earlier = emails.get(email) or phones.get(phone)
        if person_id is not None:
            problems.append(Problem(Trouble.ON_THE_LIST))
        elif earlier is not None:
            problems.append(Problem(Trouble.SAME_AS_ROW, row=earlier))
        elif (person_id := known.names.get(folded(entry.name))) is not None:
            problems.append(Problem(Trouble.NAME_KNOWN))
        checked = Checked(row, entry, problems, person_id)
        if checked.verdict is not Verdict.BAD:
            if email:
                emails.setdefault(email, row.number)
            if phone:
                phones.setdefault(phone, row.number)
        found.append(checked)
    return found


def taken(checked: Iterable[Checked], anyway: Collection[int]) -> tuple[list[Entry], list[Row]]:
    """Who is added, and the rows that are left out, with why. `anyway`: duplicates that are added all the same."""
    entries, left_out = [], []
    for one in checked:
        if one.verdict is Verdict.READY or (one.verdict is Verdict.DUPLICATE and one.row.number in anyway):
            entries.append(one.entry)
        else:
            left_out.append(Row(one.row.number, one.row.cells, one.problems))
    return entries, left_out


def read(cells: Sequence[str], columns: Sequence[Column]) -> tuple[Entry, list[Problem]]:
    """What a row says of a person, and what is wrong with it."""
    said: dict[Column, str] = dict(zip(columns, cells, strict=True))

    def text(column: Column) -> str:
        return said.get(column, "").strip()

    problems: list[Problem] = []
    name = text(Column.NAME) or f"{text(Column.FIRST_NAME)} {text(Column.LAST_NAME)}".strip()
    if not name:
        problems.append(Problem(Trouble.NO_NAME))
    elif len(name) > NAME_LENGTH:
        problems.append(Problem(Trouble.LONG_NAME))
    email, phone = text(Column.EMAIL), text(Column.PHONE)
    try:
        email = email_address(email) if email else ""
    except BadContact:
        problems.append(Problem(Trouble.BAD_EMAIL, email))
        email = ""
    try:
        phone = phone_number(phone) if phone else ""
    except BadContact:
        problems.append(Problem(Trouble.BAD_PHONE, phone))
        phone = ""
    languages = _languages(text(Column.MOTHER_TONGUE), text(Column.LANGUAGES), problems)
    return Entry(
        name=name,
        email=email or None,
        phone=phone or None,
        languages=languages,
        norwegian_level=_level(text(Column.LEVEL), problems),
        ui_language=_ui_language(text(Column.UI_LANGUAGE), languages, problems),
        preferred_way=_way(text(Column.WAY), problems),
    ), problems


def _languages(mother_tongue: str, others: str, problems: list[Problem]) -> list[str]:
    """Codes without Norwegian, which has its level instead. Several stand in one cell between commas and the like."""
    found: list[str] = []
    for cell in (mother_tongue, others):
        names = [cell] if language_code(cell) else re.split(r"[,;/+&]|\bog\b|\band\b", cell)
        for name in names:
            code = language_code(name)
            if code is None and name.strip():
                problems.append(Problem(Trouble.UNKNOWN_LANGUAGE, name.strip()))
            elif code not in {None, "no", *found}:
                found.append(str(code))
    return found


_LEVELS = {"a1": 1, "a2": 2, "b1": 3, "b2": 4, "c1": 5, "c2": 5}


def _level(said: str, problems: list[Problem]) -> int | None:
    """A step of the European framework, also at the head of a sentence («A2 – enkel samtale»), or 1–5."""
    first = (folded(said).split() or [""])[0]
    if first in _LEVELS:
        return _LEVELS[first]
    if first in {"1", "2", "3", "4", "5"} and first == folded(said):
        return int(first)
    if said:
        problems.append(Problem(Trouble.UNKNOWN_LEVEL, said))
    return None


def _ui_language(said: str, languages: Sequence[str], problems: list[Problem]) -> str | None:
    """What the list says, else the mother tongue where messages are written in it; None for what is usual."""
    spoken = language_code(said) if said else next(iter(languages), None)
    if folded(said).endswith("nynorsk"):
        return "nn"
    found = interface_language(spoken)
    if said and found is None:
        problems.append(Problem(Trouble.UNKNOWN_LANGUAGE, said))
    return found


_WAYS = {
    PreferredWay.EMAIL: "e post|epost|på e post|på epost|email|e mail|by e mail|by email|بالبريد الإلكتروني",
    PreferredWay.SMS: "sms|på sms|by sms|telefon|mobil|phone|tekstmelding|برسالة نصية",
    PreferredWay.NONE: (
        "ingen|nei|ikke|ikkje|ikke i det hele tatt|ikkje i det heile|none|no|not at all|لا يريد أي رسائل"
    ),
}
_BY_WORD = {word: way for way, words in _WAYS.items() for word in words.split("|")}


def _way(said: str, problems: list[Problem]) -> PreferredWay:
    if said and folded(said) not in _BY_WORD:
        problems.append(Problem(Trouble.UNKNOWN_WAY, said))
    return _BY_WORD.get(folded(said), PreferredWay.EMAIL)
