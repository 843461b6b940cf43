"""Helpers that several packages share; no page of the manual, because nobody calls them."""
