"""The guide log, and when and how guides want to be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_guide_log_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guide_log_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["person.id"], name=op.f("fk_guide_log_written_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_log")),
    )
    op.create_index(op.f("ix_guide_log_centre_id"), "guide_log", ["centre_id"])
    op.create_index(op.f("ix_guide_log_person_id"), "guide_log", ["person_id"])
    op.create_table(
        "guide_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("weekly", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("on_duty_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_page", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("by_sms", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("by_email", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("away_from <= away_until", name=op.f("ck_guide_hours_away_in_order")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_guide_hours_centre_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_guide_hours_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_hours")),
        sa.UniqueConstraint("person_id", name=op.f("uq_guide_hours_person_id")),
    )
    op.create_index(op.f("ix_guide_hours_centre_id"), "guide_hours", ["centre_id"])


def downgrade() -> None:
    op.drop_table("guide_hours")
    op.drop_table("guide_log")
