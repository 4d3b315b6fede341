"""What Alembic runs: the scripts, on the connection and in the transaction that ``migrate.py`` has opened."""

from alembic import context

from widget_service.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
