"""Requests (docs/requests.md)."""
