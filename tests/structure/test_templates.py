"""Every template compiles, and no page carries what the content security policy or a right-to-left reader forbids."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from config.i18n import LANGUAGES
from rooms.app import TEMPLATES
from rooms.web.assets import Assets
from rooms.web.guard import Route
from rooms.web.keys import Who
from rooms.web.pages import Pages
from tests.structure.routes import ROUTES, Callers, Samples, name_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [ROOT / "rooms", ROOT / "superuser_training"]
#: They show pages of their own and are no part of the orchestrator.
_OTHER_PROGRAMS = {ROOT / "rooms" / "roomserver", ROOT / "rooms" / "embedded"}

_INLINE = {
    "a script inside the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style inside the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "something from another server": re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//"),
    "unescaped text": re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false"),
}

_PHYSICAL = re.compile(
    r"^(?:(?:margin|padding|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|border-(?:left|right|top|bottom)(?:-.*)?"
    r"|left|right|top|bottom|(?:min-|max-)?(?:width|height)|overflow-[xy])$"
)
_PHYSICAL_VALUE = re.compile(r"^(?:left|right)$")


def html_files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in package.rglob("templates/**/*.html"))


def css_files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in package.rglob("*.css"))


def place_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert html_files()
    assert css_files()


@pytest.mark.parametrize("path", html_files(), ids=place_of)
def test_a_template_carries_nothing_inline_and_nothing_foreign(path: Path) -> None:
    source = path.read_text()
    found = {what: match.group() for what, pattern in _INLINE.items() if (match := pattern.search(source))}
    assert found == {}


@pytest.mark.parametrize(
    ("what", "example"),
    [
        ("a script inside the page", "<script>x()</script>"),
        ("a style attribute", '<p class="a" style="color: red">'),
        ("an event attribute", '<button type="button" onclick="x()">'),
        ("something from another server", '<script src="//cdn.example/x.js"></script>'),
    ],
)
def test_the_search_finds_what_it_should(what: str, example: str) -> None:
    assert _INLINE[what].search(example)


def _declarations(css: str) -> Iterator[tuple[str, str]]:
    """Properties and values; comments and what stands in brackets of media queries are left out."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@(?:media|container|supports)[^{]*", "", css)
    for name, value in re.findall(r"(?:^|[;{])\s*([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])", css, re.MULTILINE):
        yield name, value.strip()


@pytest.mark.parametrize("path", css_files(), ids=place_of)
def test_a_style_sheet_speaks_of_start_and_end(path: Path) -> None:
    wrong = [
        f"{name}: {value}"
        for name, value in _declarations(path.read_text())
        if _PHYSICAL.match(name) or (name in {"text-align", "float", "clear"} and _PHYSICAL_VALUE.match(value))
    ]
    assert wrong == []


def test_the_search_for_left_and_right_finds_them() -> None:
    css = (
        "a { margin-left: 1px; color: red; text-align: right } /* left: 0; */ @media (max-width: 9px) { b { top: 0; } }"
    )
    assert [name for name, _ in _declarations(css)] == ["margin-left", "color", "text-align", "top"]
    assert _PHYSICAL.match("border-left-color")
    assert not _PHYSICAL.match("margin-inline-start")


ENVIRONMENT = Pages(TEMPLATES, Assets())._environments["nb"]
NAMES = sorted(name for name in ENVIRONMENT.list_templates() if name.endswith((".html", ".txt")))


def _tree(name: str) -> nodes.Template:
    assert ENVIRONMENT.loader is not None
    return ENVIRONMENT.parse(ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0])


def _parent(name: str) -> str | None:
    extends = next(_tree(name).find_all(nodes.Extends), None)
    return extends.template.as_const() if extends is not None else None


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles_and_a_page_has_title_and_main(name: str) -> None:
    """Title and main part may come from a frame between the page and `base.html`."""
    ENVIRONMENT.compile(_tree(name))
    blocks: set[str] = set()
    frame: str | None = name
    while frame is not None and frame != "base.html":
        blocks |= {block.name for block in _tree(frame).find_all(nodes.Block)}
        frame = _parent(frame)
    is_page = frame == "base.html" and name != "base.html" and name not in {_parent(other) for other in NAMES}
    assert {"title", "main"} <= blocks or not is_page


def test_every_folder_of_templates_is_known_to_the_application() -> None:
    folders = {path for package in PACKAGES for path in package.rglob("templates") if path.is_dir()}
    assert {folder for folder in folders - set(TEMPLATES) if not _OTHER_PROGRAMS & set(folder.parents)} == set()


GETS = [route for route in ROUTES if route.method == "GET"]


@pytest.mark.parametrize("route", GETS, ids=name_of)
async def test_a_page_tells_its_language_direction_and_title(route: Route, callers: Callers, samples: Samples) -> None:
    """Whatever a route shows as a page, in each language, is whole: for readers, screen readers and translators."""
    caller = callers[min(route.allow.who & {Who.COORDINATOR, Who.PARTICIPANT})]
    address = samples.fill(route.path)
    for code, language in LANGUAGES.items():
        response = await caller.get(address, params={"lang": code}, allow_redirects=False)
        text = await response.text()
        if response.content_type != "text/html" or not text.startswith("<!doctype"):
            return  # not a page: JSON, an asset, a fragment, a way on
        assert f'<html lang="{code}" dir="{language.direction}"' in text
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        assert title is not None
        assert title[1].partition("·")[0].strip()
        assert re.search(r"<h1\b", text)
        assert len(re.findall(r"<main\b", text)) == 1
        assert 'name="viewport"' in text
        for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL | re.IGNORECASE):
            assert 'method="get"' in form.lower() or 'name="csrf_token"' in form
        ids = re.findall(r"\sid=\"([^\"]+)\"", text)
        assert len(ids) == len(set(ids)), "an id twice"
        for label in re.findall(r"<label\b[^>]*\sfor=\"([^\"]+)\"", text):
            assert label in ids
