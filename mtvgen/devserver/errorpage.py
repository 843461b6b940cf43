from __future__ import annotations


def render(environ, error, root):
    from mtvgen.tracebacks import users_traceback

    return users_traceback(error, root), "text/plain; charset=utf-8"
