"""Silenced problems: by comments at a line, and by patterns in pyproject.toml."""
