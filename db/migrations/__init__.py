"""Alembic's migrations; `python -m db.schema` runs them."""
