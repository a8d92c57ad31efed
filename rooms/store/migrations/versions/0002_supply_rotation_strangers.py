"""Room generations, spare rooms and shortages; standing rooms; guests; strangers; budgets for usage."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spare_room",
        sa.Column(
            "state",
            sa.Enum(
                "wanted",
                "creating",
                "ready",
                "in_use",
                "retiring",
                "gone",
                name="roomstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("host_url", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_error",
            sa.Enum("down", "too_fast", "refused", "lost", name="roomerror", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state not in ('ready', 'in_use') or url is not null", name=op.f("ck_spare_room_open_rooms_have_an_address")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spare_room")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_spare_room_meeting_id")),
        sa.UniqueConstraint("prefix", name=op.f("uq_spare_room_prefix")),
        sa.UniqueConstraint("url", name=op.f("uq_spare_room_url")),
    )
    op.create_index("ix_spare_room_state_next_try_at", "spare_room", ["state", "next_try_at"], unique=False)
    op.create_table(
        "usage_budget",
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("kroner", sa.Integer(), nullable=True),
        sa.Column("kroner_per_minute", sa.Numeric(precision=8, scale=4), nullable=True),
        sa.Column("warned_of", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kroner is null or kroner_per_minute is not null", name=op.f("ck_usage_budget_kroner_need_a_price")
        ),
        sa.CheckConstraint(
            "minutes > 0 and kroner > 0 and kroner_per_minute > 0", name=op.f("ck_usage_budget_above_nothing")
        ),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_usage_budget_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_budget")),
        sa.UniqueConstraint("centre_id", name=op.f("uq_usage_budget_centre_id")),
    )
    op.create_index(op.f("ix_usage_budget_centre_id"), "usage_budget", ["centre_id"], unique=False)
    op.create_table(
        "standing_room",
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column(
            "renewal",
            sa.Enum(
                "each_day", "after_use", "every_hour", "every_three_hours", name="renewal", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("closes > opens", name=op.f("ck_standing_room_closes_after_opening")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_standing_room_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circle.id"], name=op.f("fk_standing_room_circle_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_room")),
        sa.UniqueConstraint("circle_id", name=op.f("uq_standing_room_circle_id")),
    )
    op.create_index(op.f("ix_standing_room_centre_id"), "standing_room", ["centre_id"], unique=False)
    op.create_table(
        "shortage",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_shortage_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_shortage_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortage")),
        sa.UniqueConstraint("session_id", name=op.f("uq_shortage_session_id")),
    )
    op.create_index(op.f("ix_shortage_centre_id"), "shortage", ["centre_id"], unique=False)
    op.create_table(
        "room_client",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_room_client_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_client_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_room_client_seat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_client")),
        sa.UniqueConstraint("room_id", "participant_id", name=op.f("uq_room_client_room_id_participant_id")),
    )
    op.create_index(op.f("ix_room_client_centre_id"), "room_client", ["centre_id"], unique=False)
    op.create_index(op.f("ix_room_client_seat_id"), "room_client", ["seat_id"], unique=False)
    op.create_table(
        "stranger",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("no_seat", "second_browser", name="strangerkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("let_in", "rotated", "fine", name="strangeranswer", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_stranger_answered_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_stranger_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["room_client.id"], name=op.f("fk_stranger_client_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_stranger_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_stranger_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stranger")),
        sa.UniqueConstraint("client_id", name=op.f("uq_stranger_client_id")),
    )
    op.create_index(op.f("ix_stranger_centre_id"), "stranger", ["centre_id"], unique=False)
    op.create_index(
        "ix_stranger_open", "stranger", ["centre_id"], unique=False, postgresql_where=sa.text("answer is null")
    )
    op.create_index(op.f("ix_stranger_room_id"), "stranger", ["room_id"], unique=False)
    op.create_index(op.f("ix_stranger_session_id"), "stranger", ["session_id"], unique=False)
    op.add_column(
        "circle",
        sa.Column(
            "on_stranger", sa.Enum("ask", "rotate", name="onstranger", native_enum=False, length=32), nullable=True
        ),
    )
    op.add_column(
        "person",
        sa.Column(
            "guest_role",
            sa.Enum(
                "lecturer", "health_worker", "interpreter", "visitor", name="guestrole", native_enum=False, length=32
            ),
            nullable=True,
        ),
    )
    op.add_column("person", sa.Column("guest_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_person_guests_have_an_end"), "person", "(guest_role is null) = (guest_until is null)"
    )
    op.create_index("ix_presence_centre_id_joined_at", "presence", ["centre_id", "joined_at"], unique=False)
    op.add_column("room", sa.Column("generation", sa.Integer(), server_default="1", nullable=False))
    op.add_column("room", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    # Of what was being made when this ran, it is not known whether the provider has it.
    op.execute("update room set asked_at = changed_at where state = 'creating'")
    op.add_column(
        "room",
        sa.Column(
            "last_error",
            sa.Enum("down", "too_fast", "refused", "lost", name="roomerror", native_enum=False, length=32),
            nullable=True,
        ),
    )
    op.drop_constraint(op.f("uq_room_session_id_number"), "room", type_="unique")
    op.create_unique_constraint(
        op.f("uq_room_session_id_number_generation"), "room", ["session_id", "number", "generation"]
    )
    op.add_column("session", sa.Column("breakout_rooms", sa.Integer(), server_default="0", nullable=False))
    op.add_column("session", sa.Column("standing_room_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_session_standing_room_id"), "session", ["standing_room_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_session_standing_room_id"),
        "session",
        "standing_room",
        ["standing_room_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_session_standing_room_id"), "session", type_="foreignkey")
    op.drop_index(op.f("ix_session_standing_room_id"), table_name="session")
    op.drop_column("session", "standing_room_id")
    op.drop_column("session", "breakout_rooms")
    op.drop_constraint(op.f("uq_room_session_id_number_generation"), "room", type_="unique")
    op.create_unique_constraint(
        op.f("uq_room_session_id_number"), "room", ["session_id", "number"], postgresql_nulls_not_distinct=False
    )
    op.drop_column("room", "last_error")
    op.drop_column("room", "asked_at")
    op.drop_column("room", "generation")
    op.drop_index("ix_presence_centre_id_joined_at", table_name="presence")
    op.drop_constraint(op.f("ck_person_guests_have_an_end"), "person", type_="check")
    op.drop_column("person", "guest_until")
    op.drop_column("person", "guest_role")
    op.drop_column("circle", "on_stranger")
    op.drop_index(op.f("ix_stranger_session_id"), table_name="stranger")
    op.drop_index(op.f("ix_stranger_room_id"), table_name="stranger")
    op.drop_index("ix_stranger_open", table_name="stranger", postgresql_where=sa.text("answer is null"))
    op.drop_index(op.f("ix_stranger_centre_id"), table_name="stranger")
    op.drop_table("stranger")
    op.drop_index(op.f("ix_room_client_seat_id"), table_name="room_client")
    op.drop_index(op.f("ix_room_client_centre_id"), table_name="room_client")
    op.drop_table("room_client")
    op.drop_index(op.f("ix_shortage_centre_id"), table_name="shortage")
    op.drop_table("shortage")
    op.drop_index(op.f("ix_standing_room_centre_id"), table_name="standing_room")
    op.drop_table("standing_room")
    op.drop_index(op.f("ix_usage_budget_centre_id"), table_name="usage_budget")
    op.drop_table("usage_budget")
    op.drop_index("ix_spare_room_state_next_try_at", table_name="spare_room")
    op.drop_table("spare_room")
