"""The shared inbox: people and their lines, conversations, notes, contacts, templates, imports."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the statements of the file beside this one; they are separated by blank lines."""
    for statement in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
