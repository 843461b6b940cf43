"""Python files, read and never run."""
