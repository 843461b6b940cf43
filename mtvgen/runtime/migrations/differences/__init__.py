"""Differences between models and database, as operations and in words (docs/migrations.md)."""
