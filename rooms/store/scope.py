"""No query without a centre.

Every unit of work is opened for one centre, or, by workers and the doors that find out who somebody is, for all of
them. Statements on records of a centre get `centre_id = …` added by SQLAlchemy itself, joins and aliases included, so
forgetting a `where` cannot leak. Rows are written only for the same centre.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Alias, Column, FromClause, Insert, Select, Table, Update, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql import visitors

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
    if not state.is_orm_statement:
        raise WrongCentre("a statement on bare tables cannot be scoped: select records or their attributes")
    if isinstance(state.statement, (Insert, Update)):
        _check_values(state, state.statement, scope)
    if state.is_insert:
        return
    if state.is_column_load or state.is_relationship_load:
        return  # loads more of a row, or follows a key from one, that was itself found within the scope
    _refuse_bare_columns(state)
    centre_id = scope.centre_id
    state.statement = state.statement.options(
        with_loader_criteria(OfCentre, lambda record: record.centre_id == centre_id, include_aliases=True)
    )


def _check_values(state: ORMExecuteState, statement: Insert | Update, scope: OneCentre) -> None:
    """Refuse an insert for another centre, and an update that would move rows to one."""
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, OfCentre):
        return
    given = state.parameters
    rows = [given] if isinstance(given, Mapping) else list(given or ())
    written = [row["centre_id"] for row in rows if "centre_id" in row]
    if not rows:
        compiled = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        # `centre_id` of the only row, `centre_id_m1` of one among many; `centre_id_1` is a condition.
        written = [value for name, value in compiled.params.items() if re.fullmatch(r"centre_id(_m\d+)?", name)]
    if any(value != scope.centre_id for value in written) or (state.is_insert and not written):
        raise WrongCentre(mapper.class_.__name__)


def _refuse_bare_columns(state: ORMExecuteState) -> None:
    """A table's column beside a record's would slip through: criteria are added to records only.

    A column of a table whose record is asked for too is that record's (`session.get` writes its condition so).
    """
    bare: set[FromClause] = set()
    of_records: set[FromClause] = set()
    for element in visitors.iterate(cast("Select[*tuple[object, ...]]", state.statement)):
        if "parententity" in element._annotations:  # noqa: SLF001 - SQLAlchemy has no public name for it
            of_records.add(element._annotations["parententity"].selectable)  # noqa: SLF001
        elif (
            isinstance(element, Column) and isinstance(element.table, (Table, Alias)) and "centre_id" in element.table.c
        ):
            bare.add(element.table)
    if any("centre_id" in table.c for table in bare - of_records):
        raise WrongCentre("a table's bare column cannot be scoped: select the record's attribute")


@event.listens_for(Session, "before_flush")
def _check_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    scope = scope_of(session)
    if isinstance(scope, AllCentres):
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfCentre) and row.centre_id != scope.centre_id:
            raise WrongCentre(type(row).__name__)
