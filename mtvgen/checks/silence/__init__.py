"""What a project does not want to hear: comments at a line, and patterns in pyproject.toml."""
