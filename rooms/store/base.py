"""Declarative base: names of keys and constraints, times that are never naive, enums by value, the centre's column."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Enum, ForeignKey, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """`timestamptz` that refuses a naive datetime and always answers in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


def enum_by_value(kind: type[StrEnum]) -> Enum:
    """A column type that stores a StrEnum's values as text. SQLAlchemy refuses others, so a new one needs no ALTER."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda e: [member.value for member in e])


class Base(DeclarativeBase):
    """Base of every record. Constraints have predictable names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        str: Text(),
        list[str]: ARRAY(Text()),
        list[int]: ARRAY(Integer()),
    }


class Identified(Base):
    """A record with a random id of its own."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


class OfCentre(Identified):
    """A record that belongs to a centre. `store.scope` adds the centre to every statement that touches it."""

    __abstract__ = True

    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id", ondelete="CASCADE"), index=True)


class Versioned:
    """Mix-in for what two people can edit at once: the second one to save gets StaleDataError, shown as a conflict."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it with the class
        return {"version_id_col": cls.version}
