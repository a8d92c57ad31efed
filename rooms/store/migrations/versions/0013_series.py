"""Sessions that come again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_series_centre_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_centre_id"), "series", ["centre_id"])
    op.add_column("session", sa.Column("series_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_session_series_id"), "session", "series", ["series_id"], ["id"], ondelete="SET NULL")
    op.create_index(op.f("ix_session_series_id"), "session", ["series_id"])


def downgrade() -> None:
    op.drop_index("ix_session_series_id", table_name="session")
    op.drop_constraint("fk_session_series_id", "session", type_="foreignkey")
    op.drop_column("session", "series_id")
    op.drop_table("series")
