"""Sent: a form, a query or JSON as it came in, as texts; no page of the manual."""
