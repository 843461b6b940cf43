"""The page in Tornado, on Tornado's own server: `python tornado_page.py`."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

from tornado.web import Application, HTTPError, RequestHandler

PEOPLE = {1: ("Ada <Lovelace>", 36), 2: ("Morra", 18)}


class Page(RequestHandler):
    """What all pages share: a 404 of our own."""

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """The page for an error."""
        if status_code == 404:
            self.render("404.html")
        else:
            super().write_error(status_code, **kwargs)


class Person(Page):
    """One person, and what time it is."""

    def get(self, id: str) -> None:
        """The page; `id` is the text that the pattern has caught."""
        if int(id) not in PEOPLE:
            raise HTTPError(404)
        name, age = PEOPLE[int(id)]
        now = datetime.now().strftime("%H:%M")
        self.render("person.html", name=name, age=age, current_time=now)

    head = get  # HEAD is 405 unless a handler says otherwise


class NotFound(Page):
    """Every address that no pattern takes."""

    def prepare(self) -> None:
        """Refuse, whatever the method."""
        raise HTTPError(404)


async def main() -> None:
    """Listen, and let the event loop run."""
    application = Application(
        [(r"/people/([0-9]+)", Person)],
        default_handler_class=NotFound,
        template_path=Path(__file__).parent / "templates",
    )
    application.listen(int(os.environ.get("PORT", "8000")), "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
