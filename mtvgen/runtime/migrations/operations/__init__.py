"""What `op` does in a migration: Alembic's operations on this database (docs/migrations.md)."""
