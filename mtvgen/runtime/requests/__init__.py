"""What came in (docs/requests.md)."""
