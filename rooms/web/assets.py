"""Style sheets and scripts: read once, bundled, compressed, and served for ever under a name that holds their hash.

Libraries come from `node_modules`, where the set-up puts them; nothing of theirs is in the repository.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "rooms" / "static"
LIBRARIES = ROOT / "node_modules"
_DESIGN = LIBRARIES / "@digdir" / "designsystemet-css" / "dist"


def _design(*parts: str) -> list[Path]:
    theme = _DESIGN / "theme" / "designsystemet.css"
    return [theme, *(_DESIGN / "src" / f"{part}.css" for part in parts)]


def _css(*names: str) -> list[Path]:
    return [OURS / "css" / f"{name}.css" for name in names]


_FOR_ALL = ("base", "heading", "paragraph", "button", "link", "card", "skip-link")
_FOR_FORMS = (
    "alert", "field", "input", "label", "fieldset", "validation-message", "error-summary", "table", "details", "dialog",
    "list", "badge", "spinner", "tabs", "divider", "tag",
)  # fmt: skip

#: name → what it is made of, in this order
BUNDLES: dict[str, list[Path]] = {
    "join.css": [*_design(*_FOR_ALL), *_css("base", "strangers", "join", "news")],
    "dashboard.css": [
        *_design(*_FOR_ALL, *_FOR_FORMS),
        *_css("base", "strangers", "dashboard", "breakout", "usage", "people"),
    ],
    "training.css": [
        *_design(*_FOR_ALL, "alert", "field", "input", "label", "fieldset", "list", "tag"),
        *_css("base", "join", "training"),
    ],
    "htmx.js": [LIBRARIES / "htmx.org" / "dist" / "htmx.min.js"],
}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".mp3": "audio/mpeg"}


#: Of the theme, what no page of ours uses: pages are light, in one typeface. A quarter of it.
_UNUSED_LAYER = re.compile(
    r"@layer ds\.theme\.(?:color-scheme\.dark|typography\.secondary)\{.*?\}(?=@layer |\Z)", re.DOTALL
)
_DEFINED, _READ = re.compile(r"(--ds-[\w-]+):[^;{}]"), re.compile(r"var\((--ds-[\w-]+)")
_COMMENT_LINE = re.compile(r"^\s*//.*\n|^\s+", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def _packed(path: Path) -> bytes:
    """A file as it is served: without what no browser needs. The first page has to be small."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        text = _COMMENT.sub("", _UNUSED_LAYER.sub("", text))
    if path.is_relative_to(OURS):
        text = _COMMENT_LINE.sub("", text)
    return text.encode()


def _without_unread(css: str) -> str:
    """A style sheet without the design system's properties (colours, sizes) that nothing in it reads."""
    while unread := set(_DEFINED.findall(css)) - set(_READ.findall(css)):
        css = re.sub(rf"(?:{'|'.join(unread)}):[^;{{}}]+;?", "", css)
    return css


def _bundled(name: str, parts: list[Path]) -> bytes:
    content = b"\n".join(_packed(path) for path in parts)
    return _without_unread(content.decode()).encode() if name.endswith(".css") else content


@dataclass(frozen=True, slots=True)
class _Asset:
    address: str
    content_type: str
    plain: bytes
    packed: bytes


class Assets:
    """Every bundle, and every script of ours by its own name (scripts import one another by relative address)."""

    def __init__(self) -> None:
        scripts = {f"js/{path.name}": [path] for path in sorted((OURS / "js").glob("*.js"))}
        contents = {name: _bundled(name, parts) for name, parts in {**BUNDLES, **scripts}.items()}
        # One hash for all scripts: an import between them cannot hold the other's hash.
        together = hashlib.sha256(b"".join(content for _, content in sorted(contents.items()))).hexdigest()[:12]
        self._assets = {
            name: _Asset(f"/static/{together}/{name}", _TYPES[Path(name).suffix], content, gzip.compress(content, 9))
            for name, content in contents.items()
        }

    def address(self, name: str) -> str:
        """The path to write into a page. Raises KeyError for an unknown name, which a template test finds."""
        return self._assets[name].address

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{hash}/{name}: compressed where the browser takes it, kept by it for a year."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = asset.packed if packed else asset.plain
        return web.Response(body=body, content_type=asset.content_type, charset="utf-8", headers=headers)
