"""Text of an uploaded list → rows of cells: encoding, delimiter, quotes. Pure; spreadsheets are read elsewhere."""

import csv
import io
from collections.abc import Iterable

#: What a list may have at most. `BYTES` is checked by whoever receives the file.
ROWS, COLUMNS, CELL = 3000, 40, 500
BYTES = 2 * 1024 * 1024

#: The likelier one first: Norwegian spreadsheets write semicolons.
_DELIMITERS = ";\t|,"
_SAMPLE = 20
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class BadFile(ValueError):
    """Nothing that could be read as a list."""


class TooLong(ValueError):
    """More rows or columns than a list may have."""


def decoded(data: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, with or without a mark; UTF-16 with one; else Windows' own.

    Western text is hardly ever valid UTF-8 by accident, so the order decides. What even cp1252 has no letter for is
    read as latin-1, in which every byte is something. Raises BadFile for what is no text.
    """
    if encoding := _MARKS.get(data[:2]):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise BadFile("broken UTF-16") from error
    if b"\0" in data:
        raise BadFile("not a text")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def delimiter_of(text: str) -> str:
    """What stands between the cells: whatever cuts most of the first lines into as many cells as the first one.

    Raises csv.Error when a quote is never closed.
    """
    announced = text[:5].lower()
    if announced[:4] == "sep=" and announced[4:] and announced[4] in _DELIMITERS:
        return text[4]

    def fit(delimiter: str) -> int:
        widths = [len(row) for row in _cells(text, delimiter, _SAMPLE)]
        return widths.count(widths[0]) if widths and widths[0] > 1 else 0

    return max(_DELIMITERS, key=fit)


def rows_of_text(text: str) -> list[list[str]]:
    """The rows of a CSV text, empty ones left out. Raises BadFile and TooLong."""
    try:
        delimiter = delimiter_of(text)
        if text[:4].lower() == "sep=":
            text = text.partition("\n")[2]
        return tidy(_cells(text, delimiter, ROWS + 2))
    except csv.Error as error:  # an unclosed quote makes a cell of the rest of the file
        raise BadFile("not a list") from error


def _cells(text: str, delimiter: str, most: int) -> Iterable[list[str]]:
    """At most so many rows that are not empty."""
    found = 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        if any(cell.strip() for cell in row):
            yield row
            found += 1
            if found == most:
                return


def tidy(rows: Iterable[list[str]]) -> list[list[str]]:
    """Every row as wide as the widest, cells without spaces around them, empty rows and columns at the end left out.

    The first row is the headings. Raises BadFile for a list without rows, TooLong.
    """
    found: list[list[str]] = []
    for row in rows:
        cells = [_plain(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > COLUMNS or (cells and len(found) > ROWS):
            raise TooLong
        if cells:
            found.append(cells)
    if not found:
        raise BadFile("no rows")
    width = max(len(row) for row in found)
    return [row + [""] * (width - len(row)) for row in found]


def _plain(cell: str) -> str:
    """One line without spaces around it; PostgreSQL stores no NUL, and our own export's guard is taken off."""
    text = " ".join(cell.replace("\0", "").replace("\N{ZERO WIDTH NO-BREAK SPACE}", "").split())[:CELL]
    return text[1:] if text[:1] == "'" and text[1:2] in _GUARDED else text


_GUARDED = ("=", "+", "-", "@")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what could begin one (OWASP: CSV injection).

    A phone number in its stored form is none, and stays as it is.
    """
    begins_formula = cell.lstrip()[:1] in _GUARDED or cell[:1] in {"\t", "\r", "\n"}
    is_number = cell[:1] == "+" and cell[1:].isascii() and cell[1:].isdigit()
    return "'" + cell if begins_formula and not is_number else cell


def csv_text(rows: Iterable[list[str]]) -> str:
    """CSV as Norwegian spreadsheets open it by a double click: a mark for UTF-8, semicolons, guarded cells."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([guarded(cell) for cell in row] for row in rows)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()
