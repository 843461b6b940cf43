"""Routes against their views, and addresses against the routes."""
