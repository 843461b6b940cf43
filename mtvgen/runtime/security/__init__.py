"""What protects every page (docs/security.md)."""
