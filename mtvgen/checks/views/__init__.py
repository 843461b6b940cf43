"""The calls in Python files that render templates and make addresses."""
