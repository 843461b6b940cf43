"""A new project on the disk: all of it, or nothing (docs/startproject.md)."""

from mtvgen.startproject.create import Project, bundled_template, create_project

__all__ = ["Project", "bundled_template", "create_project"]
