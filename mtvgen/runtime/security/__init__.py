"""Protection of every page (docs/security.md)."""
