"""How many statements a piece of work sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine


class Queries(list[str]):
    """The statements that were sent, in order."""

    @property
    def selects(self) -> list[str]:
        """Those that read."""
        return [text for text in self if text.lstrip().upper().startswith(("SELECT", "WITH"))]


@contextmanager
def counted() -> Iterator[Queries]:
    """Collect what all engines of this process execute meanwhile; `select 1` of the pool's ping never shows up here."""
    found = Queries()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
