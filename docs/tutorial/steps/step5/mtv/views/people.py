"""What is done with a request for people."""

from datetime import datetime

from framework import NotFound, render
from models.people import everybody, find


def index(environ):
    """Everybody."""
    return render("people/index.html", people=everybody())


def detail(environ, name):
    """One person, and what time it is."""
    person = find(name)
    if person is None:
        raise NotFound
    now = datetime.now().strftime("%Y-%m-%d %H:%M")
    return render("people/detail.html", name=person.name, age=person.age, current_time=now)
