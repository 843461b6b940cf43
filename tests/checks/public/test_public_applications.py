"""Public applications for Flask, as projects of mtvgen: rendering confirms each line of report.

    MTVGEN_FULL=1 pytest tests/checks/public

It asks pip for the packages, without installing them, converts them by their syntax trees, and has
each problem shown by a rendering with random stand-ins. What none shows is a false alarm.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checks.public.conversion import Wishes, convert, converted_template
from tests.checks.public.flask_application import read_application

ROOT = Path(__file__).parents[3]
MOST_NOTES = 1  # for a hundred lines of template

# What their code computes, or an extension of Flask gives to their templates.
APPLICATIONS = {
    "flaskbb": (
        "flaskbb",
        Wishes(
            folders=("templates",),
            filters=frozenset(
                {"is_admin", "is_moderator", "is_admin_or_moderator", "can_edit_user"}
                | {"can_ban_user"}
            ),
            globals=frozenset({"theme_static"}),
            suffixes=(".html", ".txt"),
            rewritten=((r"""\btheme\(("[^"]*"|'[^']*')\)""", r"\1"),),
        ),
    ),
    "calibreweb": (
        "calibreweb/cps",
        Wishes(
            folders=("templates",),
            renderers=("render_title_template",),
            suffixes=(".html", ".xml", ".txt"),
        ),
    ),
    "indico": (
        "indico",
        Wishes(
            folders=("web/templates",),
            globals=frozenset({"webpack"}),
            suffixes=(".html", ".txt", ".css", ".svg", ".js"),
        ),
    ),
}

downloads = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="downloads packages: set MTVGEN_FULL=1"
)


@downloads
@pytest.mark.parametrize("name", APPLICATIONS)
def test_what_is_said_of_a_public_application_is_shown_by_rendering_it(name, tmp_path, capsys):
    inside, wishes = APPLICATIONS[name]
    package = downloaded(name, tmp_path / "package") / inside
    site = tmp_path / "site"
    lines = convert(read_application(package), package, wishes, site)

    checked = run(site, "-m", "mtvgen", "check", "--json")
    problems = json.loads(checked)["problems"]
    false = json.loads(run(site, "-m", "tests.checks.public.verify", given=checked))

    errors = sum(problem["severity"] == "error" for problem in problems)
    notes = len(problems) - errors
    with capsys.disabled():
        share = f"{100 * notes / lines:.2f} notes per 100 lines"
        print(f"\n{name}: {lines} lines, {errors} errors, {len(false)} false, {share}")
    assert [problem["text"] for problem in false] == []
    assert notes <= MOST_NOTES * lines / 100


def downloaded(name: str, place: Path) -> Path:
    """Return the files of a package, as pip has them."""
    # Nothing of it is run, so it may be for another Python than this one.
    options = ["--no-deps", "--ignore-requires-python", "-q", "-d", str(place)]
    command = [sys.executable, "-m", "pip", "download", *options, name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pip has no {name} here: {done.stderr.strip().splitlines()[-1]}")
    for wheel in place.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(place / "files")
    return place / "files"


def run(site: Path, *arguments: str, given: str = "") -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command,
        cwd=site,
        input=given,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.stdout


# What judges others is judged, too: a small application with a mistake and two false alarms.

VIEWS = """
from flask import Blueprint, render_template, url_for
site = Blueprint("site", __name__)

@site.route("/")
def index():
    return render_template("index.html", shown=True)

@site.route("/item/<int:id>", methods=["POST"])
def item(id):
    return url_for("site.index")
"""
INDEX = """{% if shown %}{{ missing }}{% endif %}
{% if not shown %}{{ hidden }}{% endif %}
{{ url_for(".item", id=1) }}{{ url_for(".item") }}
{{ request.args }}"""


def test_a_line_that_no_rendering_shows_is_called_false(tmp_path):
    package, site = tmp_path / "package", tmp_path / "site"
    (package / "templates").mkdir(parents=True)
    (package / "views.py").write_text(VIEWS)
    (package / "templates/index.html").write_text(INDEX)
    convert(read_application(package), package, Wishes(folders=("templates",)), site)

    report = json.loads(run(site, "-m", "mtvgen", "check", "--json"))
    found = [(problem["id"], problem["line"]) for problem in report["problems"]]
    hidden = {**report["problems"][0], "line": 2, "end_line": 2, "column": 22, "end_column": 28}
    given = json.dumps({"problems": [*report["problems"], hidden]})
    false = json.loads(run(site, "-m", "tests.checks.public.verify", given=given))

    assert found == [("views.missing-name", 1), ("templates.url-missing", 3)]
    assert [problem["line"] for problem in false] == [2]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{{ url_for('.item', id=1) }}", "{{ url_for('site.item', id=1) }}"),
        ("{{ url_for('a.b', event, x=1) }}", "{{ link_for('a.b', event, x=1) }}"),
        ("{{ url_for('a.b', **event) }}", "{{ url_for('a.b', **event) }}"),
        ("{{ url_for('a.' + b, id=1) }}", "{{ link_for('a.' + b, id=1) }}"),
        ("{{ request.args }} request", "{{ flask_request.args }} request"),
        ("{{ get_flashed_messages(true) }}", "{{ flashed_messages(true) }}"),
    ],
)
def test_what_is_flasks_in_a_template_is_written_for_mtvgen(theirs, ours):
    assert converted_template(theirs, lambda name: f"site.{name}") == ours
