"""What views read of a request: the keys of forms and queries, and what becomes of their values."""
