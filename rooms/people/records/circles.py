"""Lasting groups of people."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rooms.people.rules.circles import OnStranger
from rooms.store.base import OfCentre, Versioned, enum_by_value


class Circle(Versioned, OfCentre):
    """A lasting group: a language group, a women's group. A closed one admits nobody but its members."""

    __tablename__ = "circle"
    __table_args__ = (UniqueConstraint("centre_id", "name"),)

    name: Mapped[str]
    is_closed: Mapped[bool] = mapped_column(default=False)
    #: What happens when a stranger is seen in a room of it. Unset: as `people.rules.circles` says for its kind.
    on_stranger: Mapped[OnStranger | None] = mapped_column(enum_by_value(OnStranger))
    created_at: Mapped[datetime]


class Membership(OfCentre):
    """That a person belongs to a circle."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("circle_id", "person_id"),)

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    joined_at: Mapped[datetime]
