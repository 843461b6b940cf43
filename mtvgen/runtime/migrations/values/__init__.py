"""What becomes of values when a column gets another type (docs/migrations.md)."""
