"""Information posts: what a coordinator writes to many at once. And when an SMS arrived."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column(
            "audience",
            sa.Enum("everybody", "circle", "session", name="audience", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_post_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["circle_id"], ["circle.id"], name=op.f("fk_post_circle_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_post_session_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_post_sent_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_centre_id"), "post", ["centre_id"])
    # What became of a post, and what was written to a person.
    op.add_column("message", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_message_cause_id", "message", ["cause_id"])


def downgrade() -> None:
    op.drop_index("ix_message_cause_id", table_name="message")
    op.drop_column("message", "delivered_at")
    op.drop_table("post")
