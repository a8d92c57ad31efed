"""Calls for help that are opened for somebody who stands outside for too long."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("help_call", sa.Column("stuck_since", sa.DateTime(timezone=True), nullable=True))
    # What is read of one session again and again: who was helped there lately.
    op.create_index("ix_help_call_person_id_asked_at", "help_call", ["person_id", "asked_at"])


def downgrade() -> None:
    op.drop_index("ix_help_call_person_id_asked_at", "help_call")
    op.drop_column("help_call", "stuck_since")
