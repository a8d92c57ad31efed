"""Links on paper: a page each to hand over, or a sheet of labels, each with a QR code for the phone's camera."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from config.i18n import LANGUAGES, gettext
from rooms.messages.rules import one_line


class Layout(StrEnum):
    """How links are printed."""

    #: A page of A4 each.
    PAGES = "pages"
    #: Eight on a sheet of A4 (99.1 × 67.7 mm, as Avery L7165).
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class PaperLink:
    """What is printed for a person. `language`: of `config.i18n`, in which it speaks to them."""

    name: str
    language: str
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Millimetres on A4, from the upper left corner."""

    columns: int
    rows: int
    left: float
    top: float
    width: float
    height: float
    between: float
    #: Of the QR code's side, and points of the letters.
    code: float
    letters: float


_SHEETS = {
    Layout.PAGES: _Sheet(1, 1, 20, 20, 170, 257, 0, code=90, letters=18),
    Layout.LABELS: _Sheet(2, 4, 4.7, 13.1, 99.1, 67.7, 2.5, code=38, letters=9),
}
_MARGIN = 4
#: Letters. A label has no room for more.
_MOST_OF_A_NAME = 40
#: Of the size of letters, in millimetres a point.
_LINE = 0.5


def print_links(links: Sequence[PaperLink], layout: Layout, *, centre_name: str, phone: str, fonts: Path) -> bytes:
    """A PDF. `fonts`: the folder of DejaVu's TrueType files. Not for an event loop: takes milliseconds a person."""
    sheet = _SHEETS[layout]
    printer = _Printer(sheet, centre_name, phone, fonts)
    places = sheet.columns * sheet.rows
    for number, one in enumerate(links):
        if number % places == 0:
            printer.pdf.add_page()
        row, column = divmod(number % places, sheet.columns)
        x = sheet.left + column * (sheet.width + sheet.between) + _MARGIN
        y = sheet.top + row * sheet.height + _MARGIN
        if places == 1:
            printer.page(one, x, y)
        else:
            printer.label(one, x, y)
    return bytes(printer.pdf.output())


class _Printer:
    def __init__(self, sheet: _Sheet, centre_name: str, phone: str, fonts: Path) -> None:
        self._sheet, self._centre_name, self._phone = sheet, one_line(centre_name), _in_one_piece(one_line(phone))
        self._width = sheet.width - 2 * _MARGIN
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.add_font("DejaVu", fname=fonts / "DejaVuSans.ttf")
        self.pdf.add_font("DejaVu", "B", fname=fonts / "DejaVuSans-Bold.ttf")

    def page(self, one: PaperLink, x: float, y: float) -> None:
        """Words, the code in the middle below them, and more words."""
        self.pdf.set_y(y)
        self._words(one, self._greeting(one), x, self._width)
        top = self.pdf.get_y() + _MARGIN
        self._code(one.link, x + (self._width - self._sheet.code) / 2, top)
        self.pdf.set_y(top + self._sheet.code + _MARGIN)
        self._words(one, self._explanation(one), x, self._width)
        self._address(one.link, x)

    def label(self, one: PaperLink, x: float, y: float) -> None:
        """Words, beside them the code, and the address at the bottom."""
        code, beside = self._sheet.code, self._width - self._sheet.code
        words_first = LANGUAGES[one.language].direction == "ltr"
        self.pdf.set_y(y)
        texts = [*self._greeting(one), *self._explanation(one)]
        self._words(one, texts, x if words_first else x + code, beside)
        self._code(one.link, x + beside if words_first else x, y)
        self.pdf.set_y(y + self._sheet.height - 2 * _MARGIN - self._sheet.letters * _LINE)
        self._address(one.link, x)

    def _greeting(self, one: PaperLink) -> list[tuple[str, str]]:
        name = one_line(one.name)[:_MOST_OF_A_NAME]
        return [
            (gettext(one.language, "Hi, %(name)s!", name=name), "B"),
            (gettext(one.language, "Point your phone's camera here, then tap the address that appears."), ""),
        ]

    def _explanation(self, one: PaperLink) -> list[tuple[str, str]]:
        return [
            (gettext(one.language, "This link is only for you. It leads to all our meetings on video."), ""),
            (gettext(one.language, "Questions? Call %(phone)s.", phone=self._phone), ""),
            (self._centre_name, "B"),
        ]

    def _words(self, one: PaperLink, texts: Sequence[tuple[str, str]], x: float, width: float) -> None:
        direction, line = LANGUAGES[one.language].direction, self._sheet.letters * _LINE
        self.pdf.set_text_shaping(use_shaping_engine=True, direction=direction)
        align = "R" if direction == "rtl" else "L"
        for text, style in texts:
            self.pdf.set_x(x)
            self.pdf.set_font("DejaVu", style, self._sheet.letters)
            self.pdf.multi_cell(width, line, text, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)
            self.pdf.set_y(self.pdf.get_y() + line * 0.3)

    def _code(self, link: str, x: float, y: float) -> None:
        picture = BytesIO()
        segno.make(link, error="m", micro=False).save(picture, kind="png", scale=6, border=4)
        self.pdf.image(picture, x=x, y=y, w=self._sheet.code, h=self._sheet.code)

    def _address(self, link: str, x: float) -> None:
        """For whoever has to type it."""
        letters = self._sheet.letters * 0.75
        self.pdf.set_text_shaping(use_shaping_engine=False)
        self.pdf.set_x(x)
        self.pdf.set_font("DejaVu", "", letters)
        self.pdf.multi_cell(self._width, letters * _LINE, link, align="C")


def _in_one_piece(number: str) -> str:
    """A number's digits and plus sign in their order, also within Arabic (U+2066, U+2069), and on one line."""
    return f"\u2066{number.replace(' ', chr(0xA0))}\u2069"
