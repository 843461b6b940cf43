"""Requests as browsers send them, over a socket."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
SECONDS = 20.0  # until a test gives up


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A project that is being served."""

    port: int
    root: Path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            return ask(connection, method, path, body, headers, **options)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, headers=named)

    def post_form(self, path: str, body: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body.encode(), {**form, **named})

    def socket(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=SECONDS)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> Answer:
    """One request, on a connection that may stay open."""
    connection.request(method, path, body, dict(headers or {}), **options)
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read())


def cookie_of(answer: Answer) -> str:
    """What a browser sends back."""
    fields = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(field.partition(";")[0] for field in fields)


def multipart(name: str, filename: str, data: bytes) -> tuple[bytes, dict[str, str]]:
    """A form with one file: its body, and its Content-Type."""
    head = (
        f'--limit\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + data + b"\r\n--limit--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=limit"}


def link_to_static(page: str, name: str) -> str:
    """The address of a static file, with its fingerprint, as a page links to it."""
    stem, _, suffix = name.rpartition(".")
    found = re.search(rf'"([^"]*/static/{stem}[^"]*\.{suffix}[^"]*)"', page)
    assert found, page
    return found[1]
