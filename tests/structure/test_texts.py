"""Every text that a person reads, in every language: none missing, none left over, placeholders kept."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from config.i18n import LANGUAGES, LOCALE_FOLDER

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "rooms", "superuser_training", "workers")
TRANSLATED = [code for code in LANGUAGES if code != "en"]

_Keywords = dict[str, tuple[int, ...] | None]
#: Python: `_("…")` marks, `gettext(language, "…")` translates. The second kind has its text in second place.
_PYTHON_KEYWORDS: _Keywords = {"_": None, "gettext": (2,)}
_JINJA_KEYWORDS: _Keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@cache
def texts_of_the_code() -> dict[str, str]:
    """Each text (the English message id) and where it stands."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            for text in _texts_in(path):
                found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _texts_in(path: Path) -> list[str]:
    if path.suffix not in {".py", ".html", ".txt"}:
        return []
    python = path.suffix == ".py"
    method = "python" if python else "jinja2.ext:babel_extract"
    options = {"encoding": "utf-8", "silent": "false"}
    with path.open("rb") as file:
        found = extract(method, file, _PYTHON_KEYWORDS if python else _JINJA_KEYWORDS, (), options)
        messages = [message for _line, message, _comments, _context in found]
    return [text for message in messages for text in ([message] if isinstance(message, str) else message) if text]


@cache
def catalogues(code: str) -> dict[str, Catalog]:
    """A language's catalogues by subject."""
    found = {}
    for path in sorted((LOCALE_FOLDER / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found[path.stem] = read_po(file, locale=code, domain=path.stem, abort_invalid=True)
    return found


def _ids(message: Message) -> set[str]:
    return {message.id} if isinstance(message.id, str) else set(message.id)


def translated(code: str) -> dict[str, str]:
    """All texts that a language has a translation for."""
    return {
        str(text): str(message.string)
        for catalogue in catalogues(code).values()
        for message in catalogue
        for text in _ids(message)
        if text and message.string
    }


def test_the_search_finds_all_kinds_of_texts(tmp_path: Path) -> None:
    python, page = tmp_path / "a.py", tmp_path / "a.html"
    python.write_text(
        'x = _("marked")\ny = i18n.gettext(code, "by hand %(n)s", n=1)\nz = gettext(lang, "plain" " two")\n'
    )
    page.write_text('{{ _("short") }}{% trans n=1 %}long {{ n }}{% endtrans %}<a title="{{ _(\'in it\') }}">')
    assert _texts_in(python) == ["marked", "by hand %(n)s", "plain two"]
    assert _texts_in(page) == ["short", "long %(n)s", "in it"]


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    missing = {text: where for text, where in texts_of_the_code().items() if text not in translated(code)}
    assert missing == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_left_over(code: str) -> None:
    left_over = [
        f"{subject}: {message.id}"
        for subject, catalogue in catalogues(code).items()
        for message in catalogue
        if message.id and not _ids(message) & texts_of_the_code().keys()
    ]
    assert left_over == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_fills_in_the_same_things(code: str) -> None:
    def places(text: str) -> list[str]:
        return sorted(name or other for name, other in _PLACEHOLDER.findall(text))

    wrong = {text: there for text, there in translated(code).items() if places(text) != places(there)}
    assert wrong == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogues_are_whole_and_agree(code: str) -> None:
    """No fuzzy or obsolete entry, nothing empty, and no text that two subjects translate differently."""
    by_text: dict[str, set[str]] = defaultdict(set)
    for subject, catalogue in catalogues(code).items():
        assert not catalogue.obsolete, subject
        assert catalogue.charset == "utf-8", subject
        assert str(catalogue.locale) == code, subject
        for message in catalogue:
            if message.id:
                assert not message.fuzzy, f"{subject}: {message.id}"
                assert message.string, f"{subject}: {message.id}"
                by_text[str(message.id)].add(str(message.string))
    assert {text: there for text, there in by_text.items() if len(there) > 1} == {}


def test_every_language_has_every_catalogue() -> None:
    assert len({tuple(catalogues(code)) for code in TRANSLATED}) == 1
