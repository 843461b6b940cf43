"""Directories that the tool makes, fills and removes, and no page of the manual."""
