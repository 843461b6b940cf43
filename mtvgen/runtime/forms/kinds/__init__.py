"""Kinds of values: how each is read, written and drawn; no page of the manual."""
