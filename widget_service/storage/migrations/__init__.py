"""Alembic's scripts. Configured in ``migrate.py``; there is no alembic.ini."""
