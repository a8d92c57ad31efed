"""Breakouts: agendas, rounds, groups and seats in them; pairs and meetings; announcements; conversation cards; company."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breakout_template",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("practice", "own_language", "free", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("levels", sa.Enum("mix", "same", name="levels", native_enum=False, length=32), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("round_minutes", sa.Integer(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("starts_itself", sa.Boolean(), nullable=False),
        sa.Column("merges_itself", sa.Boolean(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("lead_minutes between 0 and 240", name=op.f("ck_breakout_template_lead_minutes")),
        sa.CheckConstraint("pause_minutes between 0 and 60", name=op.f("ck_breakout_template_pause_minutes")),
        sa.CheckConstraint("round_minutes between 1 and 180", name=op.f("ck_breakout_template_round_minutes")),
        sa.CheckConstraint("rounds between 1 and 12", name=op.f("ck_breakout_template_rounds")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_breakout_template_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakout_template")),
        sa.UniqueConstraint("centre_id", "name", name=op.f("uq_breakout_template_centre_id_name")),
    )
    op.create_index(op.f("ix_breakout_template_centre_id"), "breakout_template", ["centre_id"], unique=False)
    op.create_table(
        "conversation_card",
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("questions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("level between 1 and 5", name=op.f("ck_conversation_card_level")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_conversation_card_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_card")),
        sa.UniqueConstraint("centre_id", "key", name=op.f("uq_conversation_card_centre_id_key")),
    )
    op.create_index(op.f("ix_conversation_card_centre_id"), "conversation_card", ["centre_id"], unique=False)
    op.create_table(
        "pair",
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum("together", "apart", name="pairkind", native_enum=False, length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_pair_smaller_id_first")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_pair_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_pair_created_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_pair_one_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_pair_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_pair_one_id_other_id")),
    )
    op.create_index(op.f("ix_pair_centre_id"), "pair", ["centre_id"], unique=False)
    op.create_index(op.f("ix_pair_other_id"), "pair", ["other_id"], unique=False)
    op.create_table(
        "breakout",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("unmet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("practice", "own_language", "free", name="mode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("levels", sa.Enum("mix", "same", name="levels", native_enum=False, length=32), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("round_minutes", sa.Integer(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("starts_itself", sa.Boolean(), nullable=False),
        sa.Column("merges_itself", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("lead_minutes between 0 and 240", name=op.f("ck_breakout_lead_minutes")),
        sa.CheckConstraint("pause_minutes between 0 and 60", name=op.f("ck_breakout_pause_minutes")),
        sa.CheckConstraint("round_minutes between 1 and 180", name=op.f("ck_breakout_round_minutes")),
        sa.CheckConstraint("rounds between 1 and 12", name=op.f("ck_breakout_rounds")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_breakout_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_breakout_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakout")),
    )
    op.create_index(op.f("ix_breakout_centre_id"), "breakout", ["centre_id"], unique=False)
    op.create_index(op.f("ix_breakout_session_id"), "breakout", ["session_id"], unique=False)
    op.create_index(
        "uq_breakout_one_at_a_time",
        "breakout",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "meeting",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.LargeBinary(), nullable=False),
        sa.Column("other", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("one < other", name=op.f("ck_meeting_smaller_pseudonym_first")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_meeting_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_meeting_session_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("session_id", "one", "other", name=op.f("uq_meeting_session_id_one_other")),
    )
    op.create_index(op.f("ix_meeting_centre_id"), "meeting", ["centre_id"], unique=False)
    op.create_index("ix_meeting_met_at", "meeting", ["met_at"], unique=False)
    op.create_index("ix_meeting_one", "meeting", ["one"], unique=False)
    op.create_index("ix_meeting_other", "meeting", ["other"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("breakout_id", sa.Uuid(), nullable=False),
        sa.Column("ready", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("group_numbers", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ready is null) <> (text is null)", name=op.f("ck_announcement_ready_or_own_words")),
        sa.ForeignKeyConstraint(
            ["breakout_id"], ["breakout.id"], name=op.f("fk_announcement_breakout_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_announcement_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_breakout_id"), "announcement", ["breakout_id"], unique=False)
    op.create_index(op.f("ix_announcement_centre_id"), "announcement", ["centre_id"], unique=False)
    op.create_table(
        "breakout_round",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("breakout_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(starts_at is null) = (ends_at is null)", name=op.f("ck_breakout_round_both_times")),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_breakout_round_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["breakout_id"], ["breakout.id"], name=op.f("fk_breakout_round_breakout_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_breakout_round_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_breakout_round_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakout_round")),
        sa.UniqueConstraint("breakout_id", "number", name=op.f("uq_breakout_round_breakout_id_number")),
        sa.UniqueConstraint("id", "session_id", name=op.f("uq_breakout_round_id_session_id")),
    )
    op.create_index(op.f("ix_breakout_round_centre_id"), "breakout_round", ["centre_id"], unique=False)
    op.create_index("ix_breakout_round_session_id_ends_at", "breakout_round", ["session_id", "ends_at"], unique=False)
    op.create_table(
        "breakout_group",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_breakout_group_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["room_id", "session_id"], ["room.id", "room.session_id"], name="fk_breakout_group_room_of_the_session"
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "session_id"],
            ["breakout_round.id", "breakout_round.session_id"],
            name="fk_breakout_group_round_of_the_session",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakout_group")),
        sa.UniqueConstraint("id", "round_id", name=op.f("uq_breakout_group_id_round_id")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_breakout_group_round_id_number")),
        sa.UniqueConstraint("round_id", "room_id", name=op.f("uq_breakout_group_round_id_room_id")),
    )
    op.create_index(op.f("ix_breakout_group_centre_id"), "breakout_group", ["centre_id"], unique=False)
    op.create_index("ix_breakout_group_room_id", "breakout_group", ["room_id"], unique=False)
    op.create_table(
        "breakout_seat",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "planned",
                "late",
                "mended",
                "moved",
                "chosen",
                "visiting",
                name="groupseatreason",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("hand_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_breakout_seat_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "round_id"],
            ["breakout_group.id", "breakout_group.round_id"],
            name="fk_breakout_seat_group_of_the_round",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_breakout_seat_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["breakout_round.id"], name=op.f("fk_breakout_seat_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakout_seat")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_breakout_seat_round_id_person_id")),
    )
    op.create_index(op.f("ix_breakout_seat_centre_id"), "breakout_seat", ["centre_id"], unique=False)
    op.create_index("ix_breakout_seat_group_id", "breakout_seat", ["group_id"], unique=False)
    op.create_index(op.f("ix_breakout_seat_person_id"), "breakout_seat", ["person_id"], unique=False)
    op.add_column(
        "person",
        sa.Column(
            "company",
            sa.Enum("anyone", "women", "circle", name="company", native_enum=False, length=32),
            server_default="anyone",
            nullable=False,
        ),
    )
    op.add_column("person", sa.Column("company_circle_id", sa.Uuid(), nullable=True))
    op.add_column("person", sa.Column("is_woman", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_foreign_key(op.f("fk_person_company_circle_id"), "person", "circle", ["company_circle_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_person_company_of_a_circle"), "person", "(company = 'circle') = (company_circle_id is not null)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_person_company_of_a_circle"), "person", type_="check")
    op.drop_constraint(op.f("fk_person_company_circle_id"), "person", type_="foreignkey")
    op.drop_column("person", "is_woman")
    op.drop_column("person", "company_circle_id")
    op.drop_column("person", "company")
    op.drop_index(op.f("ix_breakout_seat_person_id"), table_name="breakout_seat")
    op.drop_index("ix_breakout_seat_group_id", table_name="breakout_seat")
    op.drop_index(op.f("ix_breakout_seat_centre_id"), table_name="breakout_seat")
    op.drop_table("breakout_seat")
    op.drop_index("ix_breakout_group_room_id", table_name="breakout_group")
    op.drop_index(op.f("ix_breakout_group_centre_id"), table_name="breakout_group")
    op.drop_table("breakout_group")
    op.drop_index("ix_breakout_round_session_id_ends_at", table_name="breakout_round")
    op.drop_index(op.f("ix_breakout_round_centre_id"), table_name="breakout_round")
    op.drop_table("breakout_round")
    op.drop_index(op.f("ix_announcement_centre_id"), table_name="announcement")
    op.drop_index(op.f("ix_announcement_breakout_id"), table_name="announcement")
    op.drop_table("announcement")
    op.drop_index("ix_meeting_other", table_name="meeting")
    op.drop_index("ix_meeting_one", table_name="meeting")
    op.drop_index("ix_meeting_met_at", table_name="meeting")
    op.drop_index(op.f("ix_meeting_centre_id"), table_name="meeting")
    op.drop_table("meeting")
    op.drop_index("uq_breakout_one_at_a_time", table_name="breakout", postgresql_where=sa.text("closed_at is null"))
    op.drop_index(op.f("ix_breakout_session_id"), table_name="breakout")
    op.drop_index(op.f("ix_breakout_centre_id"), table_name="breakout")
    op.drop_table("breakout")
    op.drop_index(op.f("ix_pair_other_id"), table_name="pair")
    op.drop_index(op.f("ix_pair_centre_id"), table_name="pair")
    op.drop_table("pair")
    op.drop_index(op.f("ix_conversation_card_centre_id"), table_name="conversation_card")
    op.drop_table("conversation_card")
    op.drop_index(op.f("ix_breakout_template_centre_id"), table_name="breakout_template")
    op.drop_table("breakout_template")
