"""What a message says: its texts in the reader's language, from the templates in `texts/<kind>/`."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import i18n
from rooms.messages.rules import Composed, Kind, one_line

_TEXTS = Path(__file__).resolve().parents[1] / "texts"


@cache
def _environment(code: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEXTS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    translations = i18n.translations(code)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translations.ugettext, translations.ungettext, newstyle=True
    )
    environment.filters |= {
        "day": partial(i18n.day, code=code),
        "clock_time": partial(i18n.clock_time, code=code),
        "month": partial(i18n.month, code=code),
        "number": partial(i18n.number, code=code),
        "one_line": one_line,
    }
    environment.globals["language"] = i18n.LANGUAGES[code]
    return environment


def compose(kind: Kind, language: str, facts: Mapping[str, object]) -> Composed:
    """The message in a language. `facts`: what its templates ask for. Raises UndefinedError without one."""
    environment = _environment(language)

    def text_of(name: str) -> str:
        return environment.get_template(f"{kind}/{name}").render(facts)

    return Composed(
        subject=one_line(text_of("subject.txt")),
        text=text_of("body.txt").strip() + "\n",
        html=text_of("body.html"),
    )
