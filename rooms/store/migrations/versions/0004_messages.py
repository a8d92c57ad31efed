"""Messages: reminders can be chosen per session, a session can be moved, and who wishes is told that a room is open, or nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "session", sa.Column("remind_day_before", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column(
        "session", sa.Column("remind_hour_before", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column(
        "person",
        sa.Column(
            "preferred_way",
            sa.Enum("email", "none", name="preferredway", native_enum=False, length=32),
            server_default="email",
            nullable=False,
        ),
    )
    op.add_column("person", sa.Column("wants_open_now", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("person", "wants_open_now")
    op.drop_column("person", "preferred_way")
    op.drop_column("session", "remind_hour_before")
    op.drop_column("session", "remind_day_before")
    op.drop_column("session", "moved_at")
