"""What a database holds and what models ask for, as facts of one shape (docs/migrations.md)."""
