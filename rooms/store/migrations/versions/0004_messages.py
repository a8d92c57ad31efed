"""Messages: reminders can be chosen per session, and a session can be moved."""

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


def downgrade() -> None:
    op.drop_column("session", "remind_hour_before")
    op.drop_column("session", "remind_day_before")
    op.drop_column("session", "moved_at")
