"""The home page."""

from mtvgen.runtime import Request, Response, render

from settings import settings


def index(request: Request) -> Response:
    """The first lesson: what made this page, and where to find it."""
    return render(request, "home.html", project=settings.root.name)
