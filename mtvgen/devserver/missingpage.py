from __future__ import annotations


def hint(environ, application):
    return ""


def render(environ, application, root):
    return "404", "text/plain; charset=utf-8"
