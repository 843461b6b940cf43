"""Call a WSGI application as a strict server would: every call goes through wsgiref.validate."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


@dataclass
class Answer:
    """What came back: `fields` in order, `headers` with the last of each name, lower case."""

    status: int
    reason: str
    fields: list[tuple[str, str]]
    body: bytes
    exc_info: Any

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.fields}

    @property
    def text(self) -> str:
        return self.body.decode()


def environ_for(
    method: str = "GET",
    url: str = "/",
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """An environ as PEP 3333 describes it: the path's raw bytes as latin-1 text."""
    path, _, query = url.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    environ.update(extra)
    setup_testing_defaults(environ)
    return environ


def call(
    application: Callable[..., Any], method: str = "GET", url: str = "/", **more: Any
) -> Answer:
    """One request, answered; the body is read whole and closed, as PEP 3333 asks."""
    environ = environ_for(method, url, **more)
    seen: list[Any] = []

    def start_response(status, headers, exc_info=None):
        seen[:] = [status, headers, exc_info]
        return lambda data: None

    result = validator(application)(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        result.close()
    status, fields, exc_info = seen
    code, _, reason = status.partition(" ")
    return Answer(int(code), reason, fields, body, exc_info)
