"""Settings: the differences between your machine and production (docs/settings.md)."""
