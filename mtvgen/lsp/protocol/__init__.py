"""The Language Server Protocol: bytes, messages, positions; no page of the manual."""
