"""The application: one request in, one answer out (docs/application.md)."""
