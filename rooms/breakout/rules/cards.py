"""Conversation cards: something to talk about, by level of Norwegian, in plain bokmål.

They are practice material and therefore not translated. Nobody has to tell of themselves: at least half of a card's
questions ask nobody about themselves, and the others can be answered about «folk flest». Nothing about war, flight,
faith, family that is missed, or papers.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A topic and its questions. `level`: 1–5, as people's level of Norwegian. `key`: of a ready-made card."""

    key: str
    level: int
    topic: str
    questions: Sequence[str]


#: Said beside the cards. Whoever would rather not speak of themselves has an answer all the same.
ANSWER_FREELY = "Ingen må fortelle om seg selv. Du kan alltid svare om folk flest."
