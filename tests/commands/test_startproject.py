from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from mtvgen.cli import main
from mtvgen.errors import UsageError
from mtvgen.startproject.names import LONGEST, REQUIREMENTS, check_name, suggestion
from tests.support.trees import tree


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test works in a directory with a few things that must not change."""
    place = tmp_path / "here"
    (place / "full").mkdir(parents=True)
    (place / "full" / "urls.py").write_text("mine")
    (place / "file").write_text("mine")
    (place / "link-to-file").symlink_to("file")
    (place / "dangling").symlink_to("nowhere")
    (place / "loop").symlink_to("loop")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def run(capsys):
    """`mtvgen startproject ...` -> exit code, stdout, stderr."""

    def startproject(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["startproject", *arguments])
        return (ended.value.code, *capsys.readouterr())

    return startproject


# --- what is printed ---


def test_it_tells_what_was_made_and_what_to_type_next(run):
    assert run("mysite") == (
        0,
        """\
Created mysite/ (25 files)

  urls.py         every address of the site, in one list
  views/          request in, response out        home.py  notes.py
  templates/      pages, in Jinja2                base.html  home.html ...
  models/         tables, as Python classes       note.py
  wsgi.py         what a production server runs
  tests/          green already: run pytest

Next:
  cd mysite
  mtvgen runserver

The manual: mtvgen docs
""",
        "",
    )


@pytest.mark.parametrize(
    ("directory", "created", "next_line"),
    [
        ("mysite", "Created mysite/ (", "  cd mysite\n"),
        ("sites/mysite", "Created sites/mysite/ (", "  cd sites/mysite\n"),
        ("other", "Created mysite in other/ (", "  cd other\n"),
        ("my site", "Created mysite in my site/ (", "  cd 'my site'\n"),
        ("./x/../y", "Created mysite in x/../y/ (", "  cd x/../y\n"),
        ("\u7f51\u7ad9", "Created mysite in \u7f51\u7ad9/ (", "  cd '\u7f51\u7ad9'\n"),
        ("new\nline", "Created mysite in new\\nline/ (", "  cd 'new\\nline'\n"),
    ],
)
def test_it_names_the_directory_as_it_was_typed(run, directory, created, next_line):
    code, output, _ = run("mysite", directory)

    assert code == 0
    assert output.startswith(created)
    assert next_line in output


def test_in_the_current_directory_there_is_no_way_to_go(run, here, monkeypatch):
    (here / "empty").mkdir()
    monkeypatch.chdir(here / "empty")

    code, output, _ = run("mysite", ".")

    assert code == 0
    assert output.startswith("Created mysite in ./ (25 files)\n")
    assert output.endswith("Next:\n  mtvgen runserver\n\nThe manual: mtvgen docs\n")


def test_what_stays_is_named_and_so_is_a_secret_that_git_would_see(run, here):
    (here / "site").mkdir()
    (here / "site" / "README.rst").write_text("mine")
    (here / "site" / ".gitignore").write_text("*.pyc\n")

    _, output, _ = run("site", "site")

    assert "(23 files)" in output
    assert "Kept as they were: .gitignore, README.rst\n" in output
    assert "Add a line to your .gitignore: .env (it holds the secret key)\n" in output


def test_a_dry_run_shows_the_tree(run, here):
    before = tree(here)

    code, output, error = run("site", "--dry-run")

    assert (code, error) == (0, "")
    assert output.startswith("site/\n  .env\n  .env.example\n")
    assert "\n  templates/\n    500.html\n    base.html\n    error.html\n" in output
    assert output.endswith("\n25 files. Nothing was written.\n")
    assert tree(here) == before


def test_the_tree_of_a_template_of_ones_own(run, tmp_path):
    root = tmp_path / "template" / "{{cookiecutter.project_name}}"
    for name in ("a.txt", "b/c.txt", "b/d/e.txt", "b.txt", "f/g/h.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root.parent / "cookiecutter.json").write_text('{"project_name": "x"}')

    assert (
        run("site", "--template", str(root.parent), "--dry-run")[1]
        == """\
site/
  a.txt
  b.txt
  b/
    c.txt
    d/
      e.txt
  f/
    g/
      h.txt

5 files. mtvgen itself wrote nothing. The template's code ran.
"""
    )
    assert (
        run("site", "--template", str(root.parent))[1]
        == """\
Created site/ (5 files)

Next:
  cd site

The manual: mtvgen docs
"""
    )


def test_no_line_is_longer_than_80_columns_and_all_is_ascii(run):
    output = "".join(part for name in ("a" * 60, "--help") for part in run(name)[1:])

    assert output.isascii()
    assert max(map(len, output.splitlines())) <= 80


# --- names ---

GOOD_NAMES = [
    "a",
    "7",
    "mysite",
    "my-site",
    "my_site",
    "my.site",
    "My-Site.2",
    "a" * LONGEST,
    "x--y",
]
GOOD_NAMES += ["console", "com", "com10", "nul-l", "auxiliary", "lpt", "test", "site", "django"]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_name_that_packaging_accepts_passes(name):
    check_name(name)


BAD_NAMES = {
    "": "mysite",
    " ": "mysite",
    "my site": "my-site",
    " mysite": "mysite",
    "mysite ": "mysite",
    "mysite\n": "mysite",
    "my\nsite": "my-site",
    "my\tsite": "my-site",
    "my\x00site": "my-site",
    "my\x1b[31msite": "my-31msite",
    "my\x7fsite": "my-site",
    "my\u202esite": "mysite",
    "my\u200bsite": "mysite",
    "my\u2028site": "mysite",
    "my\xa0site": "my-site",
    "\ufeffmysite": "mysite",
    "caf\xe9": "cafe",
    "\u7f51\u7ad9": "mysite",
    "\u7f51\u7ad9-blog": "blog",
    "\U0001f600": "mysite",
    "\uff4d\uff59\uff53\uff49\uff54\uff45": "mysite",
    "m\u0443site": "msite",
    "\u0661\u0662": "mysite",
    "my\udcffsite": "mysite",
    "-": "mysite",
    ".hidden": "hidden",
    "_private": "private",
    "site-": "site",
    "site.": "site",
    "site_": "site",
    "...": "mysite",
    "a" * 65: "a" * 64,
    "a" * 63 + "-b": "a" * 63,
    "a" * 10_000: "a" * 64,
    "my'site": "my-site",
    'my"site': "my-site",
    "my`id`site": "my-id-site",
    "my$(id)site": "my-id-site",
    "my;site": "my-site",
    "my|site": "my-site",
    "my&site": "my-site",
    "my>site": "my-site",
    "my*site": "my-site",
    "my?site": "my-site",
    "my:site": "my-site",
    "my%site": "my-site",
    "my#site": "my-site",
    "my@site": "my-site",
    "my!site": "my-site",
    "my=site": "my-site",
    "my,site": "my-site",
    "my+site": "my-site",
    "my~site": "my-site",
    "{{ 7*7 }}": "7-7",
    "{{cookiecutter.project_name}}": "cookiecutter.project_name",
    "{% raw %}": "raw",
    "{# x #}": "x",
    "${HOME}": "HOME",
    "%s%n": "s-n",
    "<script>": "script",
    "con": "my-con",
    "NUL": "my-NUL",
    "aux.site": "my-aux.site",
    "Com1": "my-Com1",
    "lpt9.txt": "my-lpt9.txt",
    "mtvgen": "my-mtvgen",
    "MTVGEN": "my-MTVGEN",
    "Python.Dotenv": "my-Python.Dotenv",
    "pytest": "my-pytest",
    "sites/blog": "blog sites/blog",
    "../blog": "blog ../blog",
    "/srv/my blog": "my-blog '/srv/my blog'",
    "blog/": "blog",
    "./": "mysite ./",
    ".": "mysite .",
    "..": "mysite ..",
    "/": "mysite",
    "C:\\sites\\blog": "blog 'C:\\sites\\blog'",
    "a/" * 50 + "b": "b",
}


@pytest.mark.parametrize(("name", "instead"), BAD_NAMES.items(), ids=range(len(BAD_NAMES)))
def test_a_name_that_is_none_is_refused_with_one_that_passes(run, here, name, instead):
    before = tree(here)

    code, output, error = run("--", name)

    assert (code, output) == (2, "")
    assert re.fullmatch(
        r"Error: '.*' is not a project name: .*\. -> mtvgen startproject .+\n", error
    )
    assert error.endswith(f" -> mtvgen startproject {instead}\n")
    assert error.rstrip("\n").isprintable()
    assert tree(here) == before


@pytest.mark.parametrize("name", BAD_NAMES)
def test_what_is_suggested_passes(name):
    check_name(suggestion(name))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "my site",
            "letters, digits, '-', '_' and '.', up to 64. -> mtvgen startproject my-site",
        ),
        (
            "-site",
            (
                "letters, digits, '-', '_' and '.', up to 64; the first and the last are a letter "
                "or a digit. -> mtvgen startproject site"
            ),
        ),
        (
            "nul",
            "Windows keeps it for a device. -> mtvgen startproject my-nul",
        ),
        (
            "mtvgen",
            "the project needs a package of that name. -> mtvgen startproject my-mtvgen",
        ),
    ],
)
def test_the_refusal_tells_the_rule_that_was_broken(name, message):
    with pytest.raises(UsageError) as refused:
        check_name(name)
    assert str(refused.value) == f"'{name}' is not a project name: {message}"


def test_every_printable_character_alone_is_a_name_or_refused_with_one():
    for character in map(chr, range(0x3000)):
        if not re.fullmatch("[A-Za-z0-9]", character):
            with pytest.raises(UsageError):
                check_name(character)
            check_name(suggestion(character + unicodedata.normalize("NFC", character)))


def test_the_names_that_a_project_may_not_have_are_those_that_it_needs():
    from importlib.metadata import requires

    needed = {
        re.split(r"[^\w-]", line)[0].lower()
        for line in requires("mtvgen") or ()
        if "extra ==" not in line or "extra == 'test'" in line or 'extra == "test"' in line
    }
    assert needed | {"mtvgen"} == REQUIREMENTS


# --- destinations ---


BAD_DIRECTORIES = {
    "full": (1, r"full/urls\.py already exists"),
    "./full/": (1, r"full/urls\.py already exists"),
    "full/../full": (1, r"full/\.\./full/urls\.py already exists"),
    "file": (1, "file is not a directory"),
    "file/": (1, "file is not a directory"),
    "file/site": (1, "file is not a directory"),
    "file/..": (1, "file is not a directory"),
    "file/a/b/c": (1, "file is not a directory"),
    "link-to-file": (1, "link-to-file is not a directory"),
    "link-to-file/site": (1, "link-to-file is not a directory"),
    "dangling": (1, "dangling is a broken link"),
    "dangling/site": (1, "dangling is a broken link"),
    "loop": (1, "loop is a broken link"),
    "loop/site": (1, "loop is a broken link"),
    "/dev/null": (1, "/dev/null is not a directory"),
    "/dev/null/site": (1, "/dev/null is not a directory"),
    "/proc/self/status/site": (1, "/proc/self/status is not a directory"),
    "a" * 256: (1, "a+: File name too long"),
    "a/" * 2100: (1, "(a/?)+: File name too long"),
    "\u7f51" * 100: (1, "\u7f51+: File name too long"),
    "": (2, "the directory is an empty string"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="names Linux's own directories")
@pytest.mark.parametrize(
    ("directory", "code", "problem"),
    [(directory, *told) for directory, told in BAD_DIRECTORIES.items()],
    ids=[directory[:20] for directory in BAD_DIRECTORIES],
)
@pytest.mark.parametrize("option", [[], ["--dry-run"]], ids=["", "dry"])
def test_a_directory_where_nothing_can_be_is_refused_and_left_alone(
    run, here, directory, code, problem, option
):
    before = tree(here)

    ended, output, error = run("site", directory, *option)

    assert (ended, output) == (code, "")
    assert re.fullmatch(rf"Error: {problem}\.( Nothing was written\.)? -> .+\n", error)
    assert tree(here) == before


@pytest.mark.skipif(sys.platform != "linux", reason="names Linux's own directories")
@pytest.mark.parametrize("directory", ["/proc/site", "/proc/self/site", "/sys/site", "/sys/a/b"])
def test_a_file_system_that_makes_no_files_is_told(run, directory):
    code, output, error = run("site", directory)

    assert (code, output) == (1, "")
    assert re.fullmatch(rf"Error: {directory}: [A-Z].*\. Nothing was written\. -> .*\n", error)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may be nobody")
@pytest.mark.parametrize("mode", [0o555, 0o000, 0o111])
@pytest.mark.parametrize("directory", ["site", "a/b", "."])
def test_a_directory_that_may_not_be_written_is_told(tmp_path_factory, mode, directory):
    # pytest's own directories are closed to others.
    place = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    place.chmod(mode)
    program = """
import os, sys
os.chdir(sys.argv[1])
from mtvgen.cli import main
import mtvgen.commands.startproject, mtvgen.styled_text
os.setgroups([]); os.setgid(65534); os.setuid(65534)
main(["startproject", "site", sys.argv[2]])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, place, directory], capture_output=True, text=True
    )
    left = list(place.iterdir())
    place.rmdir()

    assert done.returncode == 1
    assert re.fullmatch(
        rf"Error: {re.escape(directory)}: Permission denied\. Nothing was written\. "
        r"-> choose another directory\n",
        done.stderr,
    )
    assert not left


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["made", "dry run"])
def test_what_cookiecutter_would_have_run_or_asked_is_reported(run, here, options):
    for name in ("first", "second"):
        (here / "own" / name / "{{cookiecutter.project_name}}").mkdir(parents=True)
        (here / "own" / name / "cookiecutter.json").write_text('{"project_name": "x"}')
    (here / "own/first/hooks").mkdir()
    (here / "own/first/hooks/pre_gen_project.py").write_text("raise SystemExit(1)")
    (here / "own/first/hooks/post_gen_project.sh~").write_text("")
    (here / "own/cookiecutter.json").write_text(
        '{"templates": {"a": {"path": "first"}, "b": {"path": "second"}}}'
    )

    exit_code, output, _ = run("mysite", "--template", "own", *options)
    assert exit_code == 0
    assert (
        f"\nThe template was {here}/own/first, the first of several. For:\n"
        f"  second: --template {here}/own/second\n"
    ) in output
    assert "\nHooks are not run: hooks/pre_gen_project.py\n" in output


def test_of_mtvgen_s_own_template_nothing_is_left_out(run):
    assert "Hooks" not in run("mysite")[1]


def test_the_same_command_twice_says_that_the_project_is_there(run, here):
    run("mysite")
    before = tree(here)

    assert run("mysite") == (
        1,
        "",
        "Error: mysite/urls.py already exists. Nothing was written. -> choose another directory\n",
    )
    assert tree(here) == before
