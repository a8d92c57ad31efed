"""Messages in a centre's own words: rendered around them, and the standard words to begin from."""

from collections.abc import Mapping
from datetime import datetime

from jinja2 import Environment

from config import i18n
from rooms.messages.rules import Composed, Kind, one_line
from rooms.messages.wording import OwnWords, blocks, fill


def in_own_words(
    environment: Environment, kind: Kind, language: str, facts: Mapping[str, object], own: OwnWords
) -> Composed:
    """The message as the centre words it. Raises KeyError when `facts` lack what a placeholder asks for."""
    values = {name: one_line(value) for name, value in _values(facts, language).items()}
    people = environment.get_template("people.txt").render(facts).strip() if "people" in facts else ""
    known = {
        **facts,
        "kind": kind,
        "words": fill(own.body, values | {"people": people}),
        "blocks": blocks(own.body, values),
    }
    return Composed(
        subject=one_line(fill(own.subject, values)),
        text=environment.get_template("own/body.txt").render(known).strip() + "\n",
        html=environment.get_template("own/body.html").render(known),
    )


def _values(facts: Mapping[str, object], language: str) -> dict[str, str]:
    """What takes the placeholders' places, as far as the message's facts say it."""
    named = {"name": "name", "centre": "centre_name", "phone": "centre_phone", "title": "title", "link": "link"}
    values = {place: str(facts[fact]) for place, fact in named.items() if fact in facts}
    starts_at, ends_at = facts.get("starts_at"), facts.get("ends_at")
    if isinstance(starts_at, datetime) and isinstance(ends_at, datetime):
        values["day"] = i18n.day(starts_at, language)
        values["time"] = i18n.clock_time(starts_at, language)
        values["end"] = i18n.clock_time(ends_at, language)
    return values


#: As if a message's facts were placeholders.
_PLACES = {
    "name": "{name}",
    "centre_name": "{centre}",
    "centre_phone": "{phone}",
    "title": "{title}",
    "starts_at": "{time}",
    "ends_at": "{end}",
    "link": "{link}",
    "people": [{"name": "{people}", "languages": "", "level": ""}],
}


def standard_words_from(environment: Environment, kind: Kind) -> OwnWords:
    """What such a message says when a centre has no words of its own, with placeholders.

    `environment`: one of its own, since it is changed. See `compose.standard_words`.
    """
    environment.filters |= {"day": lambda _moment: "{day}", "clock_time": str}
    body = environment.get_template(f"{kind}/body.txt")
    words = "".join(body.blocks["words"](body.new_context(_PLACES)))
    return OwnWords(
        subject=one_line(environment.get_template(f"{kind}/subject.txt").render(_PLACES)),
        body=words.strip().replace("- {people}", "{people}"),
    )
