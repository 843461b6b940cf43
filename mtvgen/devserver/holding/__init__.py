"""The project's modules that a process holds between edits, and that workers begin with."""
