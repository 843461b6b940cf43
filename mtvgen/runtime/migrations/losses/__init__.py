"""Losses that a migration would cause, counted before anything changes (docs/migrations.md)."""
