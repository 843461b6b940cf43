"""Servers without a command of their own: `python runners.py cheroot PORT [PREFIX]`, in a project.

Each function is what the documentation of the server tells to write.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


def wsgiref(application: Any, port: int) -> None:
    from wsgiref.simple_server import make_server

    make_server(HOST, port, application).serve_forever()


def cheroot(application: Any, port: int) -> None:
    from cheroot.wsgi import Server

    Server((HOST, port), application).safe_start()


def tornado(application: Any, port: int) -> None:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from tornado.httpserver import HTTPServer
    from tornado.wsgi import WSGIContainer

    async def serve() -> None:
        HTTPServer(WSGIContainer(application, ThreadPoolExecutor(8))).listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(serve())


def twisted(application: Any, port: int) -> None:
    from twisted.internet import reactor
    from twisted.web.server import Site
    from twisted.web.wsgi import WSGIResource

    loop: Any = reactor
    loop.listenTCP(port, Site(WSGIResource(loop, loop.getThreadPool(), application)), 50, HOST)
    loop.run()


def below(prefix: str, application: Any) -> Any:
    """The application, mounted at a prefix as PEP 3333 tells servers to do it."""

    def mounted(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path != prefix and not path.startswith(prefix + "/"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        environ["PATH_INFO"] = path[len(prefix) :]
        return application(environ, start_response)

    return mounted


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # the project's directory in the place of this file's
    _, name, port, *prefix = sys.argv
    from wsgi import application  # type: ignore[import-not-found]  # the project's

    run: Callable[[Any, int], None] = globals()[name]
    run(below(prefix[0], application) if prefix else application, int(port))
