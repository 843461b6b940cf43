"""Visitors who write notes and read pages, each with a session of its own, until they are told."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "127.0.0.1"
SECONDS = 20.0  # what a visitor waits for an answer at most


@dataclass
class Seen:
    """What the visitors have seen, all together.

    Attributes:
        acknowledged: The texts whose form was answered with the redirect.
        sent: The texts of all forms, whatever became of them.
        failed: What did not go well, one line each.
        slowest: Seconds that the slowest answer took.
        versions: Every version of the site that has answered.
        answers: How many answers there were.
    """

    acknowledged: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0
    versions: set[str] = field(default_factory=set)
    answers: int = 0


@contextmanager
def visitors(port: int, count: int = 16) -> Iterator[Seen]:
    """Let visitors come and go for the length of the block."""
    seen, stop = Seen(), threading.Event()
    threads = [
        threading.Thread(target=Visitor(port, seen).stay, args=[stop], daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=2 * SECONDS)


class Visitor:
    """A browser with a cookie jar."""

    def __init__(self, port: int, seen: Seen) -> None:
        self._port = port
        self._seen = seen
        self._cookies: dict[str, str] = {}
        self._visits = 0
        self._number = 0
        self._name = os.urandom(5).hex()

    def stay(self, stop: threading.Event) -> None:
        """Write a note, look at its message, come back."""
        while not stop.is_set():
            saved = self._write()
            page = self._ask("GET", "/health" if not saved else "/")
            if saved and page is not None and "Saved." not in page:
                self._seen.lost.append(f"{self._name}: no message after a note")
            self._visit()

    def _write(self) -> bool:
        self._number += 1
        text = f"{self._name}-{self._number}"
        self._seen.sent.append(text)
        if self._ask("POST", "/notes", urlencode({"text": text}), expected=303) is None:
            return False
        self._seen.acknowledged.append(text)
        return True

    def _visit(self) -> None:
        answer = self._ask("GET", "/visits")
        if answer is None:
            return
        visit = json.loads(answer)
        self._visits += 1
        if visit["visits"] != self._visits:
            self._seen.lost.append(f"{self._name}: visit {visit['visits']}, not {self._visits}")
        self._seen.versions.add(visit["version"])

    def _ask(self, method: str, path: str, body: str = "", expected: int = 200) -> str | None:
        """The text of the answer; None where it is none, or not the expected one."""
        headers = {"Host": "localhost", "Cookie": "; ".join(map("=".join, self._cookies.items()))}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(HOST, self._port, timeout=SECONDS)
        started = time.monotonic()
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._fail(f"{method} {path}: {error!r}")
            return None
        finally:
            connection.close()
            self._seen.slowest = max(self._seen.slowest, time.monotonic() - started)
        self._seen.answers += 1
        if answer.status != expected:
            self._fail(f"{method} {path}: {answer.status}")
            return None
        for name, _, value in (
            each.partition(";")[0].partition("=")
            for each in answer.headers.get_all("Set-Cookie") or []
        ):
            self._cookies[name] = value
        return text

    def _fail(self, what: str) -> None:
        self._seen.failed.append(what)
        time.sleep(0.05)  # nobody presses the button a thousand times a second
