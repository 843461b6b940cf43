"""What differs between your machine and production (docs/settings.md)."""
