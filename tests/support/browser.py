"""A browser's cookie jar, as far as one site needs it, over strict WSGI calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.wsgi_calls import Answer, call


class Browser:
    """Keeps the cookies of an application from one request to the next."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application
        self.cookies: dict[str, str] = {}

    def get(self, url: str, **more: Any) -> Answer:
        return self.request("GET", url, **more)

    def request(self, method: str, url: str, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = call(self.application, method, url, headers=headers, **more)
        for name, value in answer.fields:
            if name == "Set-Cookie":
                self._keep(value)
        return answer

    def _keep(self, set_cookie: str) -> None:
        pair, *attributes = set_cookie.split("; ")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
