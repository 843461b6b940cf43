"""Completion: what may be written at a place; no page of the manual."""
