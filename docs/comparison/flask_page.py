"""The page in Flask: `python flask_page.py`."""

import os
from datetime import datetime

from flask import Flask, abort, render_template

PEOPLE = {1: ("Ada <Lovelace>", 36), 2: ("Morra", 18)}

app = Flask(__name__)  # what a production server runs; templates/ is found beside this file


@app.get("/people/<int:id>")
def person(id: int) -> str:
    """One person, and what time it is."""
    if id not in PEOPLE:
        abort(404)
    name, age = PEOPLE[id]
    now = datetime.now().strftime("%H:%M")
    return render_template("person.html", name=name, age=age, current_time=now)


@app.errorhandler(404)
def not_found(error: Exception) -> tuple[str, int]:
    """Every address that no pattern takes, and every person that we have not."""
    return render_template("404.html"), 404


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8000")))
