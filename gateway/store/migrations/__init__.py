"""Schema revisions (Alembic). `schema.py` is what the program itself calls."""
