"""Texts: a centre's own words for its messages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KINDS = (
    "invitation", "cancellation", "change", "reminder_day", "reminder_hour", "guide_briefing", "open_now", "new_link",
    "sign_in", "usage_warning", "digest",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "message_text",
        sa.Column("kind", sa.Enum(*_KINDS, name="kind", native_enum=False, length=32), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_message_text_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_text")),
        sa.UniqueConstraint("centre_id", "kind", "language", name=op.f("uq_message_text_centre_id_kind_language")),
    )
    op.create_index(op.f("ix_message_text_centre_id"), "message_text", ["centre_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_message_text_centre_id"), table_name="message_text")
    op.drop_table("message_text")
