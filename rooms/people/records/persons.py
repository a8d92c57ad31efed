"""People known to a centre: participants, guides and staff alike."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.roles import Company, GuestRole, StaffRole
from rooms.store.base import OfCentre, Versioned, enum_by_value


class Person(Versioned, OfCentre):
    """Somebody known to a centre.

    `languages`: codes of `people.rules.languages`, the mother tongue first, Norwegian left out. `norwegian_level`: 1–5,
    or nothing when unknown. `ui_language`: of `config.i18n`. `email` and `phone` (E.164) are the ways to reach them.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("norwegian_level between 1 and 5", name="norwegian_level"),
        CheckConstraint("(company = 'circle') = (company_circle_id is not null)", name="company_of_a_circle"),
        CheckConstraint("(guest_role is null) = (guest_until is null)", name="guests_have_an_end"),
        Index(
            "uq_person_staff_email",
            "centre_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("staff_role is not null"),
        ),
        Index("ix_person_staff_email", text("lower(email)"), postgresql_where=text("staff_role is not null")),
        # The list of people, page by page.
        Index(
            "ix_person_listed",
            "centre_id",
            text("lower(name)"),
            "id",
            postgresql_where=text("left_at is null and guest_role is null"),
        ),
    )

    name: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(default=list)
    norwegian_level: Mapped[int | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    ui_language: Mapped[str]
    is_guide: Mapped[bool] = mapped_column(default=False)
    staff_role: Mapped[StaffRole | None] = mapped_column(enum_by_value(StaffRole))
    #: A guest: somebody from outside, whose link opens nothing from `guest_until` on.
    guest_role: Mapped[GuestRole | None] = mapped_column(enum_by_value(GuestRole))
    guest_until: Mapped[datetime | None]
    #: With whom they sit in small groups. `company_circle_id`: with members of that closed circle only.
    company: Mapped[Company] = mapped_column(enum_by_value(Company), default=Company.ANYONE, server_default="anyone")
    company_circle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("circle.id"))
    #: Asked only for the sake of those who sit with women only.
    is_woman: Mapped[bool] = mapped_column(default=False, server_default=false())
    preferred_way: Mapped[PreferredWay] = mapped_column(
        enum_by_value(PreferredWay), default=PreferredWay.EMAIL, server_default="email"
    )
    #: Wishes a message when the room of a session opens, at whatever hour.
    wants_open_now: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The list with which they came, while it can be undone.
    import_list_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("import_list.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
