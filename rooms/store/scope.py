"""No query without a centre.

Every unit of work is opened for one centre, or, by workers and the doors that find out who somebody is, for all of
them. Statements on records of a centre get `centre_id = …` added by SQLAlchemy itself, joins and aliases included, so
forgetting a `where` cannot leak. Rows are written only for the same centre.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from rooms.store.base import OfCentre


@dataclass(frozen=True, slots=True)
class OneCentre:
    """Sees and writes the rows of one centre."""

    centre_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AllCentres:
    """Sees and writes every row. `why` is for the reader of the code that asks for it."""

    why: str


Scope = OneCentre | AllCentres
_KEY = "scope"


class WrongCentre(Exception):
    """A row of another centre was about to be written, or a statement could not be scoped. Never the user's fault."""


def attach(session: Session, scope: Scope) -> None:
    """Bind a session to a scope for its whole life."""
    session.info[_KEY] = scope


def scope_of(session: Session) -> Scope:
    """The scope a session was opened for."""
    scope: Scope = session.info[_KEY]
    return scope


@event.listens_for(Session, "do_orm_execute")
def _scope_statement(state: ORMExecuteState) -> None:
    scope = scope_of(state.session)
    if isinstance(scope, AllCentres):
        return
    if state.is_insert:
        return  # checked row by row below; bulk inserts are for workers, which see all centres
    if not state.is_orm_statement:
        raise WrongCentre("a statement on bare tables cannot be scoped: select records or their attributes")
    if state.is_column_load or state.is_relationship_load:
        return  # loads more of a row, or follows a key from one, that was itself found within the scope
    centre_id = scope.centre_id
    state.statement = state.statement.options(
        with_loader_criteria(OfCentre, lambda record: record.centre_id == centre_id, include_aliases=True)
    )


@event.listens_for(Session, "before_flush")
def _check_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    scope = scope_of(session)
    if isinstance(scope, AllCentres):
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfCentre) and row.centre_id != scope.centre_id:
            raise WrongCentre(type(row).__name__)
