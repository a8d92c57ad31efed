"""Volunteer centres: the tenants."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import Identified


class Centre(Identified):
    """A volunteer centre. Its e-mail and phone are shown to people who need help."""

    __tablename__ = "centre"

    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Europe/Oslo")
    created_at: Mapped[datetime]
