"""What a migration would lose, counted before anything is changed (docs/migrations.md)."""
