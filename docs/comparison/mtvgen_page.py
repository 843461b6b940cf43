"""The page in mtvgen, as one file instead of a project: `python mtvgen_page.py`."""

import os
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import make_server

from mtvgen.runtime import Application, NotFound, Request, Response, path, render

PEOPLE = {1: ("Ada <Lovelace>", 36), 2: ("Morra", 18)}


def person(request: Request, id: int) -> Response:
    """One person, and what time it is."""
    if id not in PEOPLE:
        raise NotFound
    name, age = PEOPLE[id]
    now = datetime.now().strftime("%H:%M")
    return render(request, "person.html", name=name, age=age, current_time=now)


urlpatterns = [path("/people/<int:id>", person)]
application = Application(  # what a production server runs
    urlpatterns,
    templates=Path(__file__).parent / "templates",  # 404.html is found by its name
)

if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    make_server("127.0.0.1", port, application).serve_forever()
