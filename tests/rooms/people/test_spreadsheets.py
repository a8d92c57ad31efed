"""Spreadsheets read as lists, and lists written as spreadsheets."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from rooms.people.rules.import_file import COLUMNS, ROWS, BadFile, TooLong
from rooms.people.service.spreadsheets import OldSpreadsheet, rows_of, xlsx_of


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_spreadsheet_is_read_as_what_was_typed() -> None:
    data = xlsx(
        ["Navn", "Tlf", "Dato", "Norsk"], [], ["Øyvind", 91234567.0, date(2026, 11, 23), 2], ["Åse", None, "", True]
    )
    assert rows_of(data) == [
        ["Navn", "Tlf", "Dato", "Norsk"],
        ["Øyvind", "91234567", "2026-11-23", "2"],
        ["Åse", "", "", ""],
    ]


def test_what_was_written_is_read_again_and_no_cell_is_a_formula() -> None:
    rows = [["Navn", "Telefon"], ['=HYPERLINK("x")', "+4791234567"], ["Åse\x07", "x"]]
    data = xlsx_of(rows)
    cells = [cell for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert rows_of(data) == [rows[0], rows[1], ["Åse", "x"]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 and nothing else",
        packed(**{"a.txt": b"x"}),
        packed(
            **{"[Content_Types].xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><Types>&a;</Types>", "xl/workbook.xml": b"<x/>"}
        ),
        packed(big=b"\0" * 41 * 1024 * 1024),
    ],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(BadFile):
        rows_of(data)


def test_old_spreadsheets_and_long_ones_are_told_apart() -> None:
    with pytest.raises(OldSpreadsheet):
        rows_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    for long in (xlsx(["Navn"], *(["Ola"] for _ in range(ROWS + 1))), xlsx(["Navn"] * (COLUMNS + 5))):
        with pytest.raises(TooLong):
            rows_of(long)
