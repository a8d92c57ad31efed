"""People: uploaded lists, consents, remarks, and an index for the list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_list",
        sa.Column("headings", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["centre.id"], name=op.f("fk_import_list_centre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_list")),
    )
    op.create_index(op.f("ix_import_list_centre_id"), "import_list", ["centre_id"], unique=False)
    op.create_index("ix_import_list_made_at", "import_list", ["made_at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("listed", "messages", "pictures", name="consentkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "how", sa.Enum("spoken", "paper", "message", name="givenhow", native_enum=False, length=32), nullable=False
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("withdrawn_at >= given_at", name=op.f("ck_consent_withdrawn_after_given")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_consent_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_consent_recorded_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_centre_id"), "consent", ["centre_id"], unique=False)
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_index(
        "uq_consent_one_holds",
        "consent",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "remark",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_remark_centre_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_remark_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_remark_written_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_centre_id"), "remark", ["centre_id"], unique=False)
    op.create_index(op.f("ix_remark_person_id"), "remark", ["person_id"], unique=False)
    op.add_column("person", sa.Column("import_list_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_person_import_list_id"), "person", ["import_list_id"], unique=False)
    op.create_index(
        "ix_person_listed",
        "person",
        ["centre_id", sa.literal_column("lower(name)"), "id"],
        unique=False,
        postgresql_where=sa.text("left_at is null and guest_role is null"),
    )
    op.create_foreign_key(
        op.f("fk_person_import_list_id"), "person", "import_list", ["import_list_id"], ["id"], ondelete="SET NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_person_import_list_id"), "person", type_="foreignkey")
    op.drop_index(
        "ix_person_listed", table_name="person", postgresql_where=sa.text("left_at is null and guest_role is null")
    )
    op.drop_index(op.f("ix_person_import_list_id"), table_name="person")
    op.drop_column("person", "import_list_id")
    op.drop_index(op.f("ix_remark_person_id"), table_name="remark")
    op.drop_index(op.f("ix_remark_centre_id"), table_name="remark")
    op.drop_table("remark")
    op.drop_index("uq_consent_one_holds", table_name="consent", postgresql_where=sa.text("withdrawn_at is null"))
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_centre_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_import_list_made_at", table_name="import_list")
    op.drop_index(op.f("ix_import_list_centre_id"), table_name="import_list")
    op.drop_table("import_list")
