"""The example: a page that takes a part of its address. Delete it when it has served."""

from mtvgen.runtime import Request, Response, render


def greet(request: Request, name: str) -> Response:
    """Greet whoever the address names."""
    return render(request, "hello.html", name=name)
