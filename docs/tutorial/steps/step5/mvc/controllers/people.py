"""What is done with a request for people."""

from datetime import datetime

from mtvgen.runtime import NotFound, Request, Response, render

from models.people import everybody, find


def index(request: Request) -> Response:
    """Everybody."""
    return render(request, "people/index.html", people=everybody())


def detail(request: Request, name: str) -> Response:
    """One person, and what time it is."""
    person = find(name)
    if person is None:
        raise NotFound
    now = datetime.now().strftime("%Y-%m-%d %H:%M")
    return render(request, "people/detail.html", name=name, age=person.age, current_time=now)
