"""What a message says: in the reader's language, from the templates in `texts/<kind>/` or in the centre's own words."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from secrets import token_hex

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from config import i18n
from rooms.messages.rules import Composed, Kind, one_line
from rooms.messages.rules.sms import sms_text
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


#: Facts that are each reader's own. Templates may do no more with them than show them.
_OWN = ("name", "link")
_MARKS = {name: f"{token_hex(8)}{name}" for name in _OWN}


def compose(kind: Kind, language: str, facts: Mapping[str, object]) -> Composed:
    """The message in a language. `facts`: what its templates ask for. Raises UndefinedError without one.

    What many readers share is rendered once, with marks in the place of each reader's own.
    With `own_words` among the facts it says those, if they still say all that such a message has to say.
    """
    shared = tuple(sorted((name, fact) for name, fact in facts.items() if name not in _OWN))
    own = {name: one_line(str(facts[name])) for name in _OWN if name in facts}
    if any(isinstance(fact, list) for _, fact in shared):
        return _render(kind, language, shared + tuple(own.items()))
    found = _shared(kind, language, shared, tuple(own))
    return Composed(
        found.subject, _put_in(found.text, own), _put_in(found.html, {k: escape(v) for k, v in own.items()})
    )


def compose_several(language: str, facts: Mapping[str, object]) -> Composed:
    """What is new about several meetings. `facts`: `items`, each with kind, title and times; `link`, or None."""
    return _from_templates("several", language, facts)


def compose_sms(kind: Kind, language: str, facts: Mapping[str, object]) -> str:
    """The same as an SMS: who writes, what an e-mail would have as its subject, and the link."""
    link = facts.get("link")

    def words(title: str) -> str:
        if "items" in facts:
            composed = compose_several(language, facts)
        else:
            composed = compose(kind, language, {**facts, "title": title} if "title" in facts else facts)
        return f"{facts['centre_name']}: {composed.subject}"

    return sms_text(words, str(facts.get("title", "")), str(link) if link is not None else None)


@lru_cache(maxsize=500)
def _shared(kind: Kind, language: str, facts: tuple[tuple[str, object], ...], own: tuple[str, ...]) -> Composed:
    return _render(kind, language, facts + tuple((name, _MARKS[name]) for name in own))


def _put_in(text: str, own: Mapping[str, str]) -> str:
    for name, value in own.items():
        text = text.replace(_MARKS[name], value)
    return text


def _render(kind: Kind, language: str, facts: Iterable[tuple[str, object]]) -> Composed:
    known = dict(facts)
    words = known.get("own_words")
    if isinstance(words, OwnWords) and not problems(kind, words):
        return in_own_words(_environment(language), kind, language, known, words)
    return _from_templates(kind, language, known)


def _from_templates(folder: str, language: str, known: Mapping[str, object]) -> Composed:
    def text_of(name: str) -> str:
        return _environment(language).get_template(f"{folder}/{name}").render(known)

    return Composed(
        subject=one_line(text_of("subject.txt")),
        text=text_of("body.txt").strip() + "\n",
        html=text_of("body.html"),
    )


@cache
def standard_words(kind: Kind, language: str) -> OwnWords:
    """What such a message says when a centre has no words of its own, with placeholders: to begin from."""
    return standard_words_from(_new_environment(language), kind)
