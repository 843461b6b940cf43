"""docs/comparison.md: accounts and a staff area, counted, and made by the commands of the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import examples
from tests.support.staff_sites import PAGE, PROGRAMS, table

ROOT = PAGE.parents[1]
WRITTEN = ROOT / "mtvgen" / "add" / "templates" / "accounts"  # what `add accounts` writes
# What the first person does in the browser.
SIGN_UP = """echo 'db.add(User(email="ada@example.com")); db.commit()' | mtvgen shell"""
FRAMEWORKS = {"django": "Django", "flask": "Flask"}


def test_the_lines_are_counted_as_the_page_says():
    counted = {"mtvgen": [lines_of_models(), 0]} | {
        FRAMEWORKS[name]: [lines_of(f"{name}_staff.py"), sum(map(lines, html_of(name)))]
        for name in FRAMEWORKS
    }
    assert table("lines by hand for accounts and staff") == [
        [framework, str(python), str(html), str(python + html)]
        for framework, (python, html) in counted.items()
    ]


def test_what_add_accounts_writes_is_counted_as_the_page_says():
    files = [file for file in WRITTEN.rglob("*") if file.is_file()]
    tests = [file for file in files if "tests" in file.parts]
    code = lines_in(files) - lines_in(tests)
    assert table("generated for accounts")[0] == [
        "mtvgen",
        "`mtvgen add accounts`",
        f"about {about(code)}",
        f"about {about(lines_in(tests))}",
    ]


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
def test_the_commands_of_the_page_make_the_site_of_mtvgen(tmp_path):
    project = tmp_path / "library"
    start, _, *commands = commands_of_the_page()
    typed(start, tmp_path)
    shutil.copytree(PROGRAMS / "mtvgen" / "models", project / "models", dirs_exist_ok=True)
    for command in commands:
        typed(SIGN_UP if command == "mtvgen runserver" else command, project)
    assert "no problems." in typed("mtvgen check", project)
    roles = typed("echo 'print(db.get(User, 1).roles)' | mtvgen shell", project)
    assert roles == "['staff']\n"
    written = [
        project / "templates" / "parts" / "page_fields.html",
        *(project / "views" / f"{name}.py" for name in ("authors", "books")),
        *(
            file
            for name in ("authors", "books")
            for file in (project / "templates" / name).iterdir()
        ),
    ]
    tests = [project / "tests" / f"test_{name}.py" for name in ("authors", "books")]
    code, of_tests = about(lines_in(written)), about(lines_in(tests))
    said = f"writes about {code} lines for these two models, {of_tests} of tests"
    assert said in PAGE.read_text(encoding="utf-8")


def commands_of_the_page() -> list[str]:
    """What the page says to type for the site of mtvgen."""
    return next(
        example.text.splitlines()
        for example in examples(PAGE)
        if example.text.startswith("mtvgen startproject library")
    )


def typed(command: str, directory: Path) -> str:
    """What a command prints."""
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, shell=True, cwd=directory, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, command + done.stdout + done.stderr
    return done.stdout


def lines_of_models() -> int:
    """The file of the two models, and the lines that they change in that of a new project."""
    ours = PROGRAMS / "mtvgen" / "models"
    (new,) = ROOT.glob("project_template/*/models/__init__.py")
    before = new.read_text(encoding="utf-8").splitlines()
    after = (ours / "__init__.py").read_text(encoding="utf-8").splitlines()
    changed = [line for line in after if line not in before]
    return lines((ours / "book.py").read_text(encoding="utf-8")) + len(changed)


def about(number: int) -> int:
    """Rounded to fifty: a line more in a template changes no page."""
    return round(number / 50) * 50


def lines_of(program: str) -> int:
    """Lines that are not empty, without the first and without how the program is run."""
    return (
        lines((PROGRAMS / program).read_text(encoding="utf-8").partition("\n\nif __name__")[0]) - 1
    )


def html_of(name: str) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in (PROGRAMS / name).rglob("*.html")]


def lines_in(files: list[Path]) -> int:
    return sum(lines(file.read_text(encoding="utf-8")) for file in files)


def lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())
