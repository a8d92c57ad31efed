"""What a message says: in the reader's language, from the templates in `texts/<kind>/` or in the centre's own words."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import i18n
from rooms.messages.rules import Composed, Kind, one_line
from rooms.messages.service.own_words import in_own_words, standard_words_from
from rooms.messages.wording import OwnWords, problems

_TEXTS = Path(__file__).resolve().parents[1] / "texts"


@cache
def _environment(code: str) -> Environment:
    return _new_environment(code)


def _new_environment(code: str) -> Environment:
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
    """The message in a language. `facts`: what its templates ask for. Raises UndefinedError without one.

    With `own_words` among them it says those, if they still say all that such a message has to say.
    """
    environment = _environment(language)
    own = facts.get("own_words")
    if isinstance(own, OwnWords) and not problems(kind, own):
        return in_own_words(environment, kind, language, facts, own)

    def text_of(name: str) -> str:
        return environment.get_template(f"{kind}/{name}").render(facts)

    return Composed(
        subject=one_line(text_of("subject.txt")),
        text=text_of("body.txt").strip() + "\n",
        html=text_of("body.html"),
    )


@cache
def standard_words(kind: Kind, language: str) -> OwnWords:
    """What such a message says when a centre has no words of its own, with placeholders: to begin from."""
    return standard_words_from(_new_environment(language), kind)
