"""Jinja2 as a project uses it (docs/templates.md)."""
