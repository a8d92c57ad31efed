"""What a list that somebody brings means: bytes, cells, columns, rows."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.import_columns import Column, are_headings, folded, guess
from rooms.people.rules.import_file import (
    COLUMNS,
    ROWS,
    BadFile,
    TooLong,
    csv_text,
    decoded,
    delimiter_of,
    guarded,
    rows_of_text,
)
from rooms.people.rules.import_rows import Entry, Known, Problem, Row, Trouble, Verdict, check, read, taken
from rooms.people.rules.language_names import language_code

LETTERS = "abcæøåÆØÅéüöð ;,-@.0123456789"
texts = st.text(LETTERS, max_size=60)
COLUMNS_OF_A_LIST = [Column.NAME, Column.EMAIL, Column.PHONE]


@given(texts, st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"]))
def test_norwegian_text_is_read_however_it_was_saved(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_what_is_no_text_is_refused() -> None:
    for data in (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"%PDF-1.7\n\0\0", b"\xff\xfe\x00"):
        with pytest.raises(BadFile):
            decoded(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    try:
        rows = rows_of_text(decoded(data))
    except (BadFile, TooLong):
        return
    assert rows
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = [["Navn", "E-post", "Merknad"], ["Ola", "a@b.no", "kommer, men sent"], ["Kari", "c@d.no", "1;2"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in lines)
    assert delimiter_of(text) == delimiter
    assert rows_of_text(text) == lines
    assert rows_of_text(f"sep={delimiter}\r\n{text}") == lines


def test_empty_rows_and_columns_fall_away_and_limits_hold() -> None:
    assert rows_of_text("\n;;\nNavn; Tlf ;\n\nOla;;\n\n") == [["Navn", "Tlf"], ["Ola", ""]]
    for text in ("\n" * 5, ";;\n;;", 'a;"b' + "x" * 200_000):
        with pytest.raises(BadFile):
            rows_of_text(text)
    assert len(rows_of_text("Navn\n" + "Ola\n" * ROWS)) == ROWS + 1
    for text in ("Navn\n" + "Ola\n" * (ROWS + 1), ";".join("a" * (COLUMNS + 1))):
        with pytest.raises(TooLong):
            rows_of_text(text)


cells = st.text(max_size=20).map(lambda text: " ".join(text.replace("\0", "").replace("\ufeff", "").split()))


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_is_written_is_read_again_and_nothing_is_a_formula(pairs: list[tuple[str, str]]) -> None:
    rows = [["Navn", "Annet"], *([f"x{one}", f"{other}x"] for one, other in pairs)]
    rows = [[cell.removeprefix("'") for cell in row] for row in rows]
    assert rows_of_text(csv_text(rows)) == rows


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula(text: str) -> None:
    safe = guarded(text)
    assert safe.removeprefix("'") == text or safe == text
    assert safe.lstrip()[:1] not in {"=", "+", "-", "@"} or safe[1:].isdigit()
    assert safe[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("+4791234567", "+4791234567"), ("+1+cmd", "'+1+cmd"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
     (" =1", "' =1"), ("Ola-Per", "Ola-Per")],
)  # fmt: skip
def test_formulas_are_guarded(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("Navn|E-post|Tlf.|Morsmål|Norsknivå", "name|email|phone|mother_tongue|level"),
        ("FORNAVN|Etternavn|e-postadresse:|Mobil nr|Språk", "first_name|last_name|email|phone|mother_tongue"),
        ("Namn|E_post|Telefonnummer|Andre språk|Merknad", "name|email|phone|languages|skipped"),
        ("Full name|Email address|Mobile phone|Languages|Level", "name|email|phone|languages|level"),
        ("Navn|Telefon|Mobil|Navn", "name|phone|skipped|skipped"),
        ("الاسم|الهاتف", "name|phone"),
    ],
)
def test_columns_are_guessed_by_their_headings(headings: str, columns: str) -> None:
    assert guess(headings.split("|")) == [Column(name) for name in columns.split("|")]
    assert are_headings(headings.split("|"))


def test_addresses_are_found_without_a_heading() -> None:
    rows = [["Ola", "ola@post.example"], ["Kari", "kari@post.example"]]
    assert guess(["Navn", "Kontakt"], rows) == [Column.NAME, Column.EMAIL]
    assert not are_headings(rows[0])
    assert not are_headings(["Ola", "912 34 567"])


@given(st.lists(st.text(max_size=15), max_size=12))
def test_no_two_columns_hold_the_same(headings: list[str]) -> None:
    found = [column for column in guess(headings) if column is not Column.SKIPPED]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "phone", ["912 34 567", "91234567", "+47 912 34 567", "0047 91234567", "4791234567", "(+47) 912-34-567"]
)
def test_a_norwegian_number_is_one_number_however_it_is_written(phone: str) -> None:
    entry, problems = read(["Ola", "", phone], COLUMNS_OF_A_LIST)
    assert (entry.phone, problems) == ("+4791234567", [])


def test_what_a_row_says_of_a_person() -> None:
    columns = [
        Column.FIRST_NAME, Column.LAST_NAME, Column.MOTHER_TONGUE, Column.LANGUAGES, Column.LEVEL, Column.WAY,
        Column.UI_LANGUAGE, Column.SKIPPED,
    ]  # fmt: skip
    entry, problems = read(
        ["Olha", "Koval", "Ukrainsk", "russisk, engelsk og norsk", "A2 – litt", "SMS", "", "x"], columns
    )
    assert entry == Entry("Olha Koval", languages=["uk", "ru", "en"], norwegian_level=2, preferred_way=PreferredWay.SMS)
    assert problems == []
    entry, problems = read(["Ali", "", "Arabisk", "Klingon", "veldig bra", "brevdue", "nynorsk", ""], columns)
    assert (entry.ui_language, entry.languages, entry.norwegian_level) == ("nn", ["ar"], None)
    assert [(one.trouble, one.said) for one in problems] == [
        (Trouble.UNKNOWN_LANGUAGE, "Klingon"), (Trouble.UNKNOWN_LEVEL, "veldig bra"), (Trouble.UNKNOWN_WAY, "brevdue"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [("Somali", "so"), ("kurdisk (sorani)", "ckb"), ("Dari", "prs"), ("TIGRINJA", "ti"), ("العربية", "ar"),
     ("pl", "pl"), ("Українська", "uk"), ("Burmese", "my"), ("esperanto", None), ("", None)],
)  # fmt: skip
def test_languages_are_known_by_many_names(name: str, code: str | None) -> None:
    assert language_code(name) == code


def checked(*rows: list[str], known: Known | None = None) -> list[tuple[Verdict, list[Trouble], int | None]]:
    found = check([Row(n, cells) for n, cells in enumerate(rows, 2)], COLUMNS_OF_A_LIST, known or Known())
    return [
        (
            one.verdict,
            [each.trouble for each in one.problems],
            next((each.row for each in one.problems if each.row), None),
        )
        for one in found
    ]


def test_duplicates_bad_rows_and_hints() -> None:
    kari, per = uuid.uuid4(), uuid.uuid4()
    known = Known({"kari@post.example": kari}, {"+4790000000": per}, {folded("Amina Ali"): kari})
    assert checked(
        ["Kari", "KARI@post.example", ""],
        ["Ola", "ola@post.example", "912 34 567"],
        ["Ola N", "OLA@post.example", ""],
        ["Berit", "", "+4791234567"],
        ["", "x@post.example", ""],
        ["X", "x@post.example", ""],
        ["Y", "y@", "12"],
        ["amina  ALI", "", ""],
        ["Per", "", "900 00 000"],
        known=known,
    ) == [
        (Verdict.DUPLICATE, [Trouble.ON_THE_LIST], None),
        (Verdict.READY, [], None),
        (Verdict.DUPLICATE, [Trouble.SAME_AS_ROW], 3),
        (Verdict.DUPLICATE, [Trouble.SAME_AS_ROW], 3),
        (Verdict.BAD, [Trouble.NO_NAME], None),
        (Verdict.READY, [], None),
        (Verdict.BAD, [Trouble.BAD_EMAIL, Trouble.BAD_PHONE], None),
        (Verdict.READY, [Trouble.NAME_KNOWN], None),
        (Verdict.DUPLICATE, [Trouble.ON_THE_LIST], None),
    ]


names = st.sampled_from(["Ola", "Kari", "", " "])
emails = st.sampled_from(["", "ola@post.example", "OLA@post.example", "kari@post.example", "wrong@"])
phones = st.sampled_from(["", "912 34 567", "+4791234567", "98765432", "12"])
people = st.lists(st.tuples(names, emails, phones).map(list), max_size=12)


@given(people, st.sets(st.integers(2, 14)))
def test_every_row_is_added_or_left_out_and_a_second_time_nobody_is(rows: list[list[str]], anyway: set[int]) -> None:
    all_rows = [Row(number, cells) for number, cells in enumerate(rows, 2)]
    entries, left_out = taken(check(all_rows, COLUMNS_OF_A_LIST, Known()), anyway)
    assert len(entries) + len(left_out) == len(rows)
    assert all(entry.name for entry in entries)
    assert all(row.problems for row in left_out)
    owner = uuid.uuid4()
    known = Known(
        {entry.email.lower(): owner for entry in entries if entry.email},
        {entry.phone: owner for entry in entries if entry.phone},
    )
    again, _left_out = taken(check(all_rows, COLUMNS_OF_A_LIST, known), ())
    assert all(entry.email is None and entry.phone is None for entry in again)


@given(people, st.integers(0, 12))
def test_a_bad_row_changes_nothing_for_the_others(rows: list[list[str]], place: int) -> None:
    place = min(place, len(rows))
    bad = ["", "ola@post.example", "912 34 567"]
    before = [(verdict, troubles) for verdict, troubles, _row in checked(*rows)]
    after = [(verdict, troubles) for verdict, troubles, _row in checked(*rows[:place], bad, *rows[place:])]
    assert after[place][0] is Verdict.BAD
    assert after[:place] + after[place + 1 :] == before


def test_a_row_is_stored_and_read_again() -> None:
    row = Row(7, ["Ola", ""], [Problem(Trouble.SAME_AS_ROW, row=3), Problem(Trouble.BAD_PHONE, "12")])
    assert Row.read(row.stored()) == row
