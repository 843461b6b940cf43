"""Schemas of databases and of models, as facts of one shape (docs/migrations.md)."""
