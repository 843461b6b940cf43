"""Responses (docs/responses.md)."""
