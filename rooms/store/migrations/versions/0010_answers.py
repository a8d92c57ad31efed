"""What invited people say of their coming."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    answer = sa.Enum("coming", "late", "absent", name="answer", native_enum=False, length=32)
    op.add_column("invitation", sa.Column("answer", answer, nullable=True))
    op.add_column("invitation", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("invitation", "answered_at")
    op.drop_column("invitation", "answer")
