"""Private addresses at which calendars read the sessions of a person or a circle."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CURRENT = sa.text("replaced_at is null")


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("key_name", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(person_id is null) <> (circle_id is null)", name=op.f("ck_feed_of_one")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_feed_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_feed_circle_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_feed_code_hash")),
    )
    op.create_index(op.f("ix_feed_centre_id"), "feed", ["centre_id"])
    op.create_index("uq_feed_current_person", "feed", ["person_id"], unique=True, postgresql_where=_CURRENT)
    op.create_index("uq_feed_current_circle", "feed", ["circle_id"], unique=True, postgresql_where=_CURRENT)


def downgrade() -> None:
    op.drop_table("feed")
