"""Values of a column that gets another type (docs/migrations.md)."""
