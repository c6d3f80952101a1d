"""Run migrations on the connection that db.schema has opened."""

from alembic import context

from db.models import Record

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Record.metadata,
    render_as_batch=True,
    # One transaction, SQLite included: a half-made schema cannot be left behind.
    transactional_ddl=True,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
