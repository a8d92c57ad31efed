"""The outbox: centres take turns by a place in the queue, and a channel of which nobody is there rests."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNDONE = sa.text("state in ('due', 'sending')")


def upgrade() -> None:
    # The default also serves workers of the release before.
    op.add_column(
        "message", sa.Column("place", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.drop_index("ix_message_due", table_name="message")
    op.create_index("ix_message_due", "message", ["priority", "place"], postgresql_where=_UNDONE)
    op.create_index(
        "ix_message_last_place",
        "message",
        ["centre_id", "priority", "place"],
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "channel_pause",
        sa.Column("channel", sa.Enum("email", name="channel", native_enum=False, length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pause")),
    )


def downgrade() -> None:
    op.drop_table("channel_pause")
    op.drop_index("ix_message_last_place", table_name="message")
    op.drop_index("ix_message_due", table_name="message")
    op.create_index("ix_message_due", "message", ["next_try_at"], postgresql_where=_UNDONE)
    op.drop_column("message", "place")
