"""Definitions and uses: where each name is written that means the same, and how to rename it."""
