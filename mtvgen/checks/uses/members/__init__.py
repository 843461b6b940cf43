"""Attributes of the project's classes: where each is defined, and all that may be the same one."""
