"""Addresses to views, and back (docs/routing.md)."""

from mtvgen.runtime.routing.router import Router

__all__ = ["Router"]
