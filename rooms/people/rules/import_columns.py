"""What the columns of a list hold, guessed from their headings. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Column(StrEnum):
    """What a column holds. SKIPPED: nothing of use."""

    SKIPPED = "skipped"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    PHONE = "phone"
    MOTHER_TONGUE = "mother_tongue"
    LANGUAGES = "languages"
    LEVEL = "level"
    UI_LANGUAGE = "ui_language"
    WAY = "way"


#: Headings in bokmål, nynorsk, English and Arabic, as `_folded` writes them. The headings of our own export are here.
_HEADINGS: dict[Column, str] = {
    Column.NAME: (
        "navn|namn|name|fullt navn|fullt namn|full name|fulltnavn|deltaker|deltakar|deltakers navn|navn på deltaker|"
        "person|participant|for og etternavn|fornavn og etternavn|fornamn og etternamn|navn deltaker|الاسم"
    ),
    Column.FIRST_NAME: "fornavn|fornamn|first name|firstname|given name|for navn|forname|الاسم الأول",
    Column.LAST_NAME: "etternavn|etternamn|last name|lastname|surname|family name|slektsnavn|اسم العائلة",
    Column.EMAIL: (
        "epost|e post|email|e mail|mail|epostadresse|e postadresse|e post adresse|email address|e mail address|"
        "mailadresse|epost adresse|البريد الإلكتروني"
    ),
    Column.PHONE: (
        "telefon|telefonnummer|tlf|tlf nr|tlfnr|tlf nummer|mobil|mobilnummer|mobilnr|mobil nr|mobiltelefon|mob|phone|"
        "phone number|telephone|mobile|mobile number|mobile phone|cell|telefonnr|nummer|الهاتف"
    ),
    Column.MOTHER_TONGUE: (
        "morsmål|mother tongue|first language|native language|språk|language|førstespråk|førstespråket|heimespråk|"
        "hjemmespråk|اللغة الأم"
    ),
    Column.LANGUAGES: (
        "andre språk|other languages|språk snakker|snakker språk|språkene|languages|snakker også|snakkar også|"
        "flere språk|fleire språk|لغات أخرى"
    ),
    Column.LEVEL: (
        "norsk|norsknivå|nivå|nivå norsk|nivå i norsk|norskkunnskaper|norskkunnskapar|level|norwegian|"
        "norwegian level|level of norwegian|niva|النرويجية"
    ),
    Column.UI_LANGUAGE: (
        "språk i meldinger og på sider|språk i meldingar og på sider|meldingsspråk|language of messages and pages|"
        "language of messages|لغة الرسائل والصفحات"
    ),
    Column.WAY: (
        "slik vil de ha meldinger|slik vil dei ha meldingar|kontaktmåte|kontaktes på|how they want messages|"
        "preferred way|contact by|كيف يريدون الرسائل"
    ),
}
_BY_HEADING = {name: column for column, names in _HEADINGS.items() for name in names.split("|")}


def folded(text: str) -> str:
    """Small letters, one space between words, nothing else: «E-post:» and «e post» are the same."""
    letters = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", letters).split())


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> list[Column]:
    """What each column holds, by its heading; no two the same, the first one counts.

    Where no heading says so, the column in which most cells of `rows` have an @ is the e-mail addresses.
    """
    found: list[Column] = []
    for heading in headings:
        column = _BY_HEADING.get(folded(heading), Column.SKIPPED)
        found.append(Column.SKIPPED if column in found else column)
    if Column.EMAIL not in found and rows:
        for place, column in enumerate(found):
            if column is Column.SKIPPED and sum("@" in row[place] for row in rows) * 2 > len(rows):
                found[place] = Column.EMAIL
                break
    return found


def holds_names(columns: Sequence[Column]) -> bool:
    """Whether a list with these columns says what people are called."""
    return not {Column.NAME, Column.FIRST_NAME, Column.LAST_NAME}.isdisjoint(columns)


def are_headings(row: Sequence[str]) -> bool:
    """Whether the first row of a list names its columns: one cell does, or none is a person's."""
    known = any(folded(cell) in _BY_HEADING for cell in row)
    return known or not any("@" in cell or re.fullmatch(r"\+?[\d\s]{8,}", cell) for cell in row)
