"""What a centre may spend on video."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre, Versioned


class UsageBudget(Versioned, OfCentre):
    """A centre's budget a calendar month, in participant minutes or in kroner (then with a price), or in both."""

    __tablename__ = "usage_budget"
    __table_args__ = (
        UniqueConstraint("centre_id"),
        CheckConstraint("minutes > 0 and kroner > 0 and kroner_per_minute > 0", name="above_nothing"),
        CheckConstraint("kroner is null or kroner_per_minute is not null", name="kroner_need_a_price"),
    )

    minutes: Mapped[int | None]
    kroner: Mapped[int | None]
    #: Some øre: `0.0350`.
    kroner_per_minute: Mapped[Decimal | None] = mapped_column(Numeric(8, 4))
    #: The first day of the month for which coordinators were warned last.
    warned_of: Mapped[date | None]
