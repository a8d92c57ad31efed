"""Lists of people that a coordinator has uploaded: kept for a day."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre, Versioned


class ImportList(Versioned, OfCentre):
    """An uploaded list. Until it is imported `rows` holds all of it, afterwards only what was left out.

    `headings` and `columns` are as long as the widest row; `columns` says what each holds (`rules.import_columns`).
    Each of `rows` is `rules.import_rows.Row` in JSON.
    """

    __tablename__ = "import_list"
    __table_args__ = (Index("ix_import_list_made_at", "made_at"),)

    headings: Mapped[list[str]]
    columns: Mapped[list[str]]
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
