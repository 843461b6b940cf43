"""The project, imported in a process of its own, and the facts that this gives."""
