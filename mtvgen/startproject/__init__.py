"""A new project on the disk: all of it, or nothing (docs/startproject.md)."""

from mtvgen.startproject.create import NewProject, bundled_template, create_project

__all__ = ["NewProject", "bundled_template", "create_project"]
