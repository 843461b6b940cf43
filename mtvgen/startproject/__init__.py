"""A new project on the disk: all of it, or nothing (docs/startproject.md)."""

from mtvgen.startproject.create import NewProject, create_project

__all__ = ["NewProject", "create_project"]
