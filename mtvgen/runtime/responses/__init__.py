"""What goes out (docs/responses.md)."""
