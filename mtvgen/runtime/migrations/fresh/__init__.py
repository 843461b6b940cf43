"""Fresh databases for tests, copied from one that was migrated (docs/testing.md)."""
