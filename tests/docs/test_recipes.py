"""What the how-to pages owe a site on the open network; their own tests say the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.live_site import environment
from tests.support.pages import DOCS, examples

SUPPORT = Path(__file__).parents[1] / "support"
WRITTEN = DOCS.parent / "mtvgen" / "add" / "templates" / "accounts"

RECIPES = sorted((DOCS / "howto").glob("*.md"))
# Two pages compare, and a page about templates has no form.
COMPARISONS = {"from-django.md", "from-flask.md", "own-template.md"}
NEW_PROJECT = 'path("/notes", notes.create, methods=["POST"]),'


def takes_what_visitors_send(page):
    """Whether a recipe gives a site an address for POST that a new project has not."""
    urls = "".join(one.text for one in examples(page) if one.file == "urls.py")
    return re.search(r"methods=\[[^]]*POST", urls.replace(NEW_PROJECT, "")) is not None


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in RECIPES
        if page.name not in COMPARISONS
        and (takes_what_visitors_send(page) or page.name == "mail.md")
    ],
    ids=lambda page: page.stem,
)
def test_floods_a_recipe_that_takes_what_visitors_send_says_how_often_they_may(page):
    assert "](../security.md#how-often)" in page.read_text(encoding="utf-8")


# Tags are at most MAX_TAGS; notebooks are the owner's, and each has at most MAX_EVENTS.
BOUNDED = {"one-to-many.md: show"}


def test_floods_a_recipe_shows_no_list_without_an_end():
    """What each visitor adds to is too long for a page one day."""
    endless = {
        f"{page.name}: {function.partition('(')[0]}"
        for page in RECIPES
        if page.name not in COMPARISONS
        for one in examples(page)
        if (one.file or "").startswith("views/")
        for function in one.text.split("\ndef ")[1:]
        if "db.scalars(" in function and ".limit(" not in function
    }
    assert endless == BOUNDED


def test_a_recipe_tells_no_text_of_a_visitor_in_a_flash():
    """It would be a cookie of any size: past 4,096 bytes the answer is a 500."""
    told = {
        f"{page.name}: {call}"
        for page in RECIPES
        for one in examples(page)
        for call in re.findall(r"flash\(request, (?!_?\(?\")[^)]*\)", one.text)
    }
    # The name of a file has 200 bytes at most, which UploadedFile sees to.
    assert told == {'upload.md: flash(request, f"Kept {name}.")'}


def test_ids_that_come_back_are_in_no_session_of_a_recipe():
    """SQLite gives the id of a deleted row to the next one, and the cookie would be its owner's."""
    kept = {
        f"{page.name}: {line}"
        for page in RECIPES
        for one in examples(page)
        for line in re.findall(r"request\.session\[.*\] = .*", one.text)
    }
    assert kept == set()  # a login of mtvgen.runtime.accounts keeps a random key


def test_the_login_shows_the_files_that_add_accounts_writes():
    """But for the column that the page adds."""
    shown = {one.file: one.text for one in examples(DOCS / "howto" / "login.md")}
    written = (WRITTEN / "models" / "user.py-tpl").read_text(encoding="utf-8")
    assert shown["models/user.py"].replace("    name: Mapped[str | None]\n", "") == written
    nav = (WRITTEN / "templates" / "accounts" / "nav.html").read_text(encoding="utf-8")
    assert nav in [one.text for one in examples(DOCS / "howto" / "login.md")]


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
@pytest.mark.parametrize(
    "page", [page for page in RECIPES if page.name not in COMPARISONS], ids=lambda page: page.stem
)
@pytest.mark.timeout(900)  # thousands of requests, and each guess at a password takes its time
def test_nothing_that_a_visitor_sends_to_a_recipe_is_an_error_of_ours(page, tmp_path):
    environ = environment(tmp_path) | {"PYTEST_DEBUG_TEMPROOT": str(tmp_path)}
    subprocess.run(
        [sys.executable, SUPPORT / "pages.py", page], cwd=tmp_path, env=environ, check=True
    )
    project, text = tmp_path / "mysite", page.read_text(encoding="utf-8")
    fields = {*re.findall(r'(?:form|files)\W+(?:get\(|getlist\()?"(\w+)"', text)}
    fields |= {*re.findall(r'<(?:input|textarea|select|button)[^>]* name="(\w+)"', text)}
    for form in re.findall(r"^class \w+\(Form\b.*\n((?:    .*\n|\n)*)", text, re.M):
        fields |= {*re.findall(r"^    (\w+): ", form, re.M)}
    files = re.findall(r'<input[^>]* name="(\w+)" type="file"', text)
    files += re.findall(r"^    (\w+): Annotated\[UploadedFile", text, re.M)
    attack = (SUPPORT / "recipe_attack.py").read_text(encoding="utf-8")
    attack = attack.replace("FILE_FIELDS: list[str] = []", f"FILE_FIELDS = {files!r}")
    attack = attack.replace("FIELDS: list[str] = []", f"FIELDS = {sorted(fields)!r}")
    (project / "tests" / "test_attack.py").write_text(attack)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "tests/test_attack.py"]
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr
