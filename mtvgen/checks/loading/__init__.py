"""The project imported in a process of its own, and what it said."""
