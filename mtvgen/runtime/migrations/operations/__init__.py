"""Operations of `op` in a migration: Alembic's, on this database (docs/migrations.md)."""
