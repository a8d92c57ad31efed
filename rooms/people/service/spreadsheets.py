"""Lists of people as spreadsheets read and write them. It computes for a second or so: call it in a thread."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from rooms.people.rules.import_file import COLUMNS, ROWS, BadFile, decoded, rows_of_text, tidy

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: What a spreadsheet may unpack to. A list of three thousand people takes about two megabytes.
_UNPACKED = 40 * 1024 * 1024
#: openpyxl says by these that a file is no spreadsheet; it checks little itself.
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError,
)  # fmt: skip


class OldSpreadsheet(BadFile):
    """Excel's format of before 2007."""


def rows_of(data: bytes) -> list[list[str]]:
    """The rows of an uploaded CSV or XLSX file, headings first. Raises BadFile, OldSpreadsheet and TooLong."""
    if data[:4] == _OLD_EXCEL:
        raise OldSpreadsheet("not XLSX")
    if data[:4] != _ZIP:
        return rows_of_text(decoded(data))
    try:
        rows = list(_cells(data))
    except _BROKEN as error:
        raise BadFile("not a spreadsheet") from error
    return tidy(rows)


def _cells(data: bytes) -> Iterator[list[str]]:
    """The first sheet's rows, as far as a list may go; with defusedxml there, openpyxl refuses entities."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > _UNPACKED:
            raise BadFile("unpacks to too much")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        found = 0
        for row in book.worksheets[0].iter_rows(values_only=True, max_row=20 * ROWS, max_col=COLUMNS + 1):
            cells = [_text(value) for value in row]
            found += any(cells)
            yield cells
            if found > ROWS + 1:
                return
    finally:
        book.close()


def _text(value: object) -> str:
    """A phone number that a spreadsheet took for a number is digits again, without «.0»."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value)


def xlsx_of(rows: Iterable[list[str]]) -> bytes:
    """A spreadsheet with one sheet, whose cells are texts and never formulas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type = "s"  # else a leading = makes it a formula
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
