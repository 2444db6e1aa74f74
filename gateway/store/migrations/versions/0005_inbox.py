"""The shared inbox: people and their lines, conversations, notes, contacts, templates, imports."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

from gateway.domain.contact import sought

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the statements of the file beside this one; they are separated by blank lines."""
    for statement in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("\n\n"):
        op.execute(statement)
    _fill_sought()


def _fill_sought() -> None:
    """What contacts are sorted and searched by, which SQL cannot fold."""
    connection = op.get_bind()
    first = "(SELECT number FROM phone_numbers WHERE contact_id = contacts.id ORDER BY id LIMIT 1)"
    rows = connection.execute(text(f"SELECT id, name, {first} FROM contacts")).all()  # noqa: S608 - ours
    for contact_id, name, number in rows:
        connection.execute(
            text("UPDATE contacts SET sought = :sought WHERE id = :id"),
            {"id": contact_id, "sought": sought(name, None, None, number or "")},
        )
