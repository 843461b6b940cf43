from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.bundled import bundled
from mtvgen.errors import MtvgenError, UsageError
from mtvgen.startproject.create import NewProject, create_project
from mtvgen.startproject.placement import Placement
from tests.support.trees import tree

TEMPLATE = bundled("project_template")
INSIDE = TEMPLATE / "{{cookiecutter.project_name}}"
FAULTS = Path(__file__).with_name("faults.py")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test works in an empty directory."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def template(place: Path, files: dict[str, str], settings: object = None) -> str:
    """A template of one's own: its files, and what its cookiecutter.json holds."""
    folder = place / "template"
    (folder / "{{cookiecutter.project_name}}").mkdir(parents=True)
    text = settings if isinstance(settings, str) else json.dumps(settings or {"project_name": "x"})
    (folder / "cookiecutter.json").write_text(text, encoding="utf-8")
    for name, content in files.items():
        file = folder / "{{cookiecutter.project_name}}" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return str(folder)


def mtvgen(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mtvgen", *arguments],
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )


# --- what is made ---


def test_a_project_has_every_file_of_the_template_and_its_own_environment(here):
    project = create_project("site")

    expected = [path.relative_to(INSIDE).as_posix() for path in INSIDE.rglob("*") if path.is_file()]
    expected = [name for name in expected if "__pycache__" not in name]
    assert project == NewProject(
        "site", Path("site"), Placement(tuple(sorted([*expected, ".env"])))
    )
    assert tree(here).keys() >= {f"site/{file}" for file in project.placement.moving}


def test_the_name_stands_in_the_project_and_no_placeholder_is_left(here):
    create_project("site")

    assert 'name = "site"' in Path("site/pyproject.toml").read_text(encoding="utf-8")
    assert Path("site/README.md").read_text(encoding="utf-8").startswith("# site\n")
    assert not [name for name, (_, text) in tree(here).items() if b"cookiecutter" in text]


def test_the_template_s_own_pages_are_copied_as_they_are():
    create_project("site")

    for page in (INSIDE / "templates").rglob("*.html"):
        assert Path("site", page.relative_to(INSIDE)).read_bytes() == page.read_bytes()


def test_the_template_uses_the_keys_of_cookiecutter_json_and_no_others():
    keys = {
        key for key in json.loads((TEMPLATE / "cookiecutter.json").read_bytes()) if key[0] != "_"
    }
    texts = [path.read_text(encoding="utf-8") for path in INSIDE.rglob("*") if path.is_file()]
    names = [str(path.relative_to(TEMPLATE)) for path in INSIDE.rglob("*")]

    assert set(re.findall(r"cookiecutter\.(\w+)", "\n".join([*texts, *names]))) == keys


def test_the_environment_holds_a_fresh_key_and_the_names_of_this_machine():
    create_project("one")
    create_project("two")

    one, two = Path("one/.env").read_text(), Path("two/.env").read_text()
    key, hosts = one.splitlines()
    assert re.fullmatch(r"SECRET_KEY=[A-Za-z0-9_-]{64}", key)
    assert hosts == "ALLOWED_HOSTS=localhost,127.0.0.1,[::1]"
    assert key not in two
    assert "DEBUG" not in one


@pytest.mark.parametrize("directory", ["site", "there"])
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_files_are_open_to_nobody_that_the_umask_closes_them_to(here, mask, directory):
    (here / "there").mkdir()
    before = os.umask(mask)
    try:
        create_project("site", directory)
    finally:
        os.umask(before)

    made = [path for path in Path(directory).rglob("*") if path.is_file()]
    assert [path for path in made if path.stat().st_mode & mask] == []
    assert stat.S_IMODE(Path(directory, "urls.py").stat().st_mode) == 0o644 & ~mask


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_read_the_environment(mask):
    before = os.umask(mask)
    try:
        create_project("site")
    finally:
        os.umask(before)

    assert stat.S_IMODE(Path("site/.env").stat().st_mode) == 0o600


def test_what_pip_compiles_in_an_installed_template_stays_there(tmp_path):
    copy = shutil.copytree(TEMPLATE, tmp_path / "copy")
    subprocess.run([sys.executable, "-m", "compileall", "-q", copy], check=True)

    create_project("site", template=str(copy))

    assert not list(Path("site").rglob("__pycache__"))


def test_a_template_that_is_installed_read_only_gives_a_project_that_can_be_edited(tmp_path):
    copy = shutil.copytree(TEMPLATE, tmp_path / "copy")
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    create_project("site", template=str(copy))

    modes = {path.stat().st_mode & stat.S_IWUSR for path in Path("site").rglob("*")}
    assert modes == {stat.S_IWUSR}


# --- where it goes ---


@pytest.mark.parametrize(
    "directory", ["site", "./site", "site/", "a/b/c", "a/../b", "\u7f51 \u7ad9"]
)
def test_a_project_goes_where_it_is_told_with_parents_that_are_missing(here, directory):
    create_project("blog", directory)

    assert (here / directory / "urls.py").exists() or (here / "b" / "urls.py").exists()
    assert not list(here.rglob(".mtvgen-*"))


def test_an_absolute_directory_is_taken_as_it_is(tmp_path):
    project = create_project("blog", str(tmp_path / "deep" / "er"))

    assert project.directory == tmp_path / "deep" / "er"
    assert (project.directory / "urls.py").exists()


def test_an_existing_directory_keeps_what_it_has(here):
    (here / "views").mkdir(mode=0o750)
    (here / "views" / "mine.py").write_text("mine")
    (here / "notes.txt").write_text("mine")
    before = tree(here)

    create_project("blog", ".")

    after = tree(here)
    assert {name: after[name] for name in before} == before
    assert after.keys() >= {"urls.py", "views/home.py", ".env"}
    assert not list(here.glob(".mtvgen-*"))
    assert {path.stat().st_nlink for path in here.rglob("*.py")} == {1}


def test_a_link_to_a_directory_is_that_directory(here):
    (here / "real").mkdir()
    (here / "link").symlink_to("real")

    create_project("blog", "link")

    assert (here / "link").is_symlink()
    assert (here / "real" / "urls.py").exists()


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("README.md", "README.md"),
        ("README", "README.md"),
        ("readme.txt", "README.md"),
        ("README.rst", "README.md"),
        (".gitignore", ".gitignore"),
    ],
)
def test_a_readme_and_a_gitignore_that_are_there_stay(here, theirs, ours):
    (here / theirs).write_text("mine")

    project = create_project("blog", ".")

    assert (here / theirs).read_text() == "mine"
    assert project.placement.kept == (theirs,)
    assert ours not in project.placement.moving


@pytest.mark.parametrize(
    ("lines", "shows"),
    [
        ("", True),
        ("*.pyc\n", True),
        ("# .env\n", True),
        (".env\n", False),
        ("*.pyc\n  /.env  \n", False),
        ("*.env\n", False),
        (".env*\n!.env.example\n", False),
    ],
)
def test_a_gitignore_that_would_let_the_secret_be_committed_is_noticed(here, lines, shows):
    (here / ".gitignore").write_text(lines)

    assert create_project("blog", ".").placement.shows_env is shows


@pytest.mark.parametrize(
    ("blocking", "told"),
    [
        ("urls.py", "urls.py"),
        (".env", ".env"),
        ("templates/home.html", "templates/home.html"),
        ("urls.py/", "urls.py"),
        ("views", "views"),
        ("tests->elsewhere/", "tests"),
        ("models->nowhere", "models"),
        ("wsgi.py->nowhere", "wsgi.py"),
    ],
)
def test_nothing_is_overwritten_nor_written_through_a_link(here, tmp_path, blocking, told):
    name, _, link = blocking.partition("->")
    path = here / name
    path.parent.mkdir(exist_ok=True)
    if link:
        (tmp_path / "elsewhere").mkdir()
        path.symlink_to(tmp_path / link)
    elif name.endswith("/"):
        path.mkdir()
    else:
        path.write_text("mine")
    before = tree(tmp_path)

    with pytest.raises(
        MtvgenError, match=rf"^{re.escape(told)} already exists\. Nothing was wr"
    ) as e:
        create_project("blog", ".")

    assert e.value.exit_code == 1
    assert tree(tmp_path) == before


def test_a_refusal_comes_before_the_first_write(here):
    (here / "urls.py").write_text("mine")
    changed = here.stat().st_mtime_ns

    with pytest.raises(MtvgenError):
        create_project("blog", ".")

    assert here.stat().st_mtime_ns == changed


# --- dry run ---


@pytest.mark.parametrize("directory", [None, ".", "a/b"])
def test_a_dry_run_tells_the_same_files_and_writes_none(here, directory):
    changed = here.stat().st_mtime_ns
    planned = create_project("blog", directory, dry_run=True)

    assert tree(here) == {}
    assert here.stat().st_mtime_ns == changed
    assert create_project("blog", directory) == planned


def test_a_dry_run_finds_what_is_in_the_way(here):
    (here / "wsgi.py").write_text("mine")

    with pytest.raises(MtvgenError, match=r"^wsgi\.py already exists"):
        create_project("blog", ".", dry_run=True)


# --- other templates ---


def test_a_template_of_ones_own_is_rendered_with_its_own_settings(tmp_path):
    settings = {
        "project_name": "x",
        "slug": "{{ cookiecutter.project_name|upper }}",
        "license": ["MIT", "BSD"],
        "_copy_without_render": ["raw/*"],
    }
    files = {
        "name.txt": "{{ cookiecutter.slug }} {{ cookiecutter.license }}",
        "raw/page.html": "{{ page }}",
        "{{cookiecutter.slug}}.txt": "",
    }

    project = create_project("blog", template=template(tmp_path, files, settings))

    assert project.placement.moving == ("BLOG.txt", "name.txt", "raw/page.html")
    assert Path("blog/name.txt").read_text() == "BLOG MIT"
    assert Path("blog/raw/page.html").read_text() == "{{ page }}"


def test_hooks_of_a_template_are_not_run(tmp_path):
    folder = template(tmp_path, {"a.txt": ""})
    Path(folder, "hooks").mkdir()
    Path(folder, "hooks", "pre_gen_project.sh").write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    Path(folder, "hooks", "pre_gen_project.sh").chmod(0o755)

    assert create_project("blog", template=folder).placement.moving == ("a.txt",)


@pytest.mark.parametrize(
    ("directory", "problem"),
    [("nowhere", "it is not a directory"), (".", "it has no cookiecutter.json")],
)
def test_a_folder_that_is_no_template_is_a_wrong_command_line(here, directory, problem):
    with pytest.raises(UsageError, match=f"^'{directory}' is not a template: {problem}"):
        create_project("blog", template=directory)
    assert tree(here) == {}


@pytest.mark.parametrize(
    ("files", "settings", "problem"),
    [
        ({"a.txt": "1\n{{ cookiecutter.nope }}"}, None, r"a\.txt:2: cookiecutter\.nope is unknown"),
        ({"a.txt": "{{ nope }}"}, None, r"a\.txt:1: 'nope' is undefined"),
        ({"b/{{ nope }}.txt": ""}, None, "'nope' is undefined"),
        ({"{{ nope }}/b.txt": ""}, None, "'nope' is undefined"),
        ({"ok": "", "sub/a.txt": "\n\n{% if %}"}, None, r"sub/a\.txt:3: Expected an expression"),
        ({"a.txt": "{{ 1 / 0 }}"}, None, r"a\.txt:1: division by zero"),
        ({"a.txt": "{% include 'no.txt' %}"}, None, r"a\.txt:1: .*no\.txt"),
        ({"a.txt": "{{ [1] * 3 + 'x' }}"}, None, r"a\.txt:1: can only concatenate list"),
        ({}, "{", r"cookiecutter\.json: Expecting property name"),
        ({}, "[]", r"cookiecutter\.json: "),
        ({}, "", r"cookiecutter\.json: Expecting value"),
        ({}, {"a": "{{ cookiecutter.b }}"}, r"cookiecutter\.json: cookiecutter\.b is unknown"),
        ({}, {"_extensions": ["no.such"]}, r"cookiecutter\.json: No module named 'no'"),
        ({}, {"_jinja2_env_vars": {"nope": 1}}, r"cookiecutter\.json: .* argument 'nope'"),
    ],
)  # fmt: skip
def test_a_template_with_a_mistake_leaves_nothing_behind(here, tmp_path, files, settings, problem):
    folder = template(tmp_path, files, settings)
    before = tree(tmp_path)

    with pytest.raises(MtvgenError, match=f"^the template {folder} fails: {problem}") as caught:
        create_project("blog", template=folder)

    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    assert tree(tmp_path) == before
    assert Path.cwd() == here


def test_a_template_without_a_folder_to_render_is_told(tmp_path):
    folder = template(tmp_path, {})
    Path(folder, "{{cookiecutter.project_name}}").rmdir()

    with pytest.raises(MtvgenError, match="fails: NonTemplatedInputDirException"):
        create_project("blog", template=folder)


# --- faults ---

# A finished project may miss nothing but the removal of its hidden directory.
DONE = {"complete"}
UNDONE = {"as-before as-before"}
KILLED = {"as-before as-before", "hidden as-before", "complete+hidden complete"}
# Files that are linked one by one can be seen until the next run takes them back.
KILLED_WHILE_FILLING = KILLED | {"partial+hidden as-before", "complete+hidden as-before"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="breaks forked children")
@pytest.mark.parametrize(
    ("fault", "place"),
    [
        ("full", "filled"),
        ("full", "new"),
        ("int", "new"),
        ("kill", "filled"),
        ("kill", "nested"),
        ("kill", "new"),
        ("term", "filled"),
    ],
)
def test_a_fault_at_any_step_leaves_a_whole_project_or_the_disk_as_before(fault, place, tmp_path):
    done = subprocess.run(
        [sys.executable, FAULTS, fault, place],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )

    steps = [line.split(" ", 2) for line in done.stdout.splitlines()]
    allowed = DONE | UNDONE
    if fault == "kill":
        allowed = KILLED_WHILE_FILLING if place == "filled" else KILLED
    assert len(steps) > 20
    assert not [step for step in steps if step[2] not in allowed]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="waits at a named pipe")
@pytest.mark.parametrize(
    ("number", "code", "name"),
    [
        (signal.SIGINT, 130, "Ctrl-C"),
        (signal.SIGTERM, 143, "SIGTERM"),
        (signal.SIGHUP, 129, "SIGHUP"),
    ],
    ids=lambda value: str(value),
)
def test_a_signal_ends_the_command_with_its_code_and_one_line(here, tmp_path, number, code, name):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # A template is a program: this one waits until somebody opens the pipe's other end.
    waits = f"cycler.__init__.__globals__.__builtins__.open('{pipe}').read()"
    folder = template(tmp_path, {"a.txt": "", "m.txt": f"{{{{ {waits} }}}}", "z.txt": ""})
    before = tree(tmp_path)
    command = [sys.executable, "-m", "mtvgen", "startproject", "site", "--template", folder]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pipe.open("wb"):  # opens when the template has come to read it
        run.send_signal(number)
        output, error = run.communicate(timeout=60)

    assert (run.returncode, output) == (code, "")
    assert error == f"Error: stopped by {name}. mtvgen itself wrote nothing.\n"
    assert tree(tmp_path) == before


def test_nothing_asks_the_network():
    program = """
import sys
from mtvgen.startproject.create import create_project
def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn")):
        raise SystemExit(event)
sys.addaudithook(refuse)
create_project("site")
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_disk_without_room_is_told_in_one_line_and_left_as_it_was(small_disk):
    (small_disk / "mine.txt").write_text("mine")
    before = tree(small_disk)

    for directory in ("site", "a/b", "."):
        done = mtvgen("startproject", "site", directory, cwd=small_disk)

        assert done.returncode == 1
        assert re.fullmatch(
            rf"Error: {re.escape(directory)}: No space left on device\. Nothing was written\. "
            r"-> make room on the disk\n",
            done.stderr,
        )
        assert tree(small_disk) == before


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 48 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(place)]
    if os.name != "posix" or os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_limit_on_the_size_of_files_leaves_nothing_behind(here):
    limited = 'ulimit -f 1; exec "$0" -m mtvgen startproject site'
    done = subprocess.run(
        ["bash", "-c", limited, sys.executable], capture_output=True, text=True, cwd=here
    )

    assert done.returncode == 1
    assert "File too large. Nothing was written. -> make room on the disk" in done.stderr
    assert tree(here) == {}


@pytest.mark.parametrize("directory", ["site", "."])
def test_of_runs_at_once_one_makes_the_project_and_the_others_say_so(here, directory):
    command = [sys.executable, "-m", "mtvgen", "startproject", "site", directory]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    errors = [run.communicate(timeout=60)[1] for run in runs]

    assert sorted(run.returncode for run in runs) == [0, 1, 1, 1, 1]
    for error in errors:
        assert re.fullmatch(r"(Error: .*(already exists|at work there)\. Nothing .*\n)?", error)
    assert set(create_project("other").placement.moving) == {
        path.relative_to(here / directory).as_posix()
        for path in (here / directory).rglob("*")
        if path.is_file() and "other/" not in path.as_posix()
    }
    assert not list(here.rglob(".mtvgen-*"))


def test_home_and_its_cookiecutter_settings_are_left_alone(here, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".cookiecutterrc").write_text("default_context: {project_name: evil}\nnonsense: [")
    before = tree(home)

    done = mtvgen("startproject", "site", env={**os.environ, "HOME": str(home)})

    assert done.returncode == 0, done.stderr
    assert tree(home) == before
    assert "evil" not in (here / "site" / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"HOME": ""},
        {"HOME": "/nonexistent"},
        {"TMPDIR": "/nonexistent"},
        {"COLUMNS": "1"},
        {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"COOKIECUTTER_CONFIG": "/nonexistent"},
    ],
    ids=lambda environ: " ".join(environ),
)
def test_an_odd_environment_changes_nothing(here, environ):
    done = mtvgen("startproject", "site", env={**os.environ, **environ})

    assert done.returncode == 0, done.stderr
    create_project("reference")
    assert tree(here / "site").keys() == tree(here / "reference").keys()


def test_an_empty_environment_is_enough(here):
    done = mtvgen("startproject", "site", env={})

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "</dev/null"])
def test_closed_streams_change_nothing(here, closed):
    subprocess.run(
        ["sh", "-c", f'exec "$0" -m mtvgen startproject site {closed}', sys.executable],
        check=True,
        capture_output=True,
    )

    assert (here / "site" / ".env").exists()
    assert not list(here.glob(".mtvgen-*"))


def test_a_current_directory_that_is_gone_is_told(here):
    gone = here / "gone"
    gone.mkdir()
    command = 'cd gone && rmdir ../gone && exec "$0" -m mtvgen startproject site'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], capture_output=True, text=True, cwd=here
    )

    assert done.returncode == 1
    assert done.stderr == (
        "Error: the current directory is gone. Nothing was written. -> cd to one that exists\n"
    )


def test_the_current_directory_is_the_same_afterwards(here):
    create_project("site", "a/b")

    assert Path.cwd() == here


# --- the plain cookiecutter command ---


@pytest.mark.parametrize(
    "arguments", [[str(TEMPLATE)], [str(TEMPLATE.parent), "--directory", TEMPLATE.name]]
)
def test_the_plain_cookiecutter_command_makes_the_same_project_without_its_secret(
    here, tmp_path, arguments
):
    subprocess.run(
        [sys.executable, "-m", "cookiecutter", *arguments, "--no-input", "project_name=site"],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    create_project("site", "ours")

    ours = tree(here / "ours")
    del ours[".env"]
    assert tree(here / "site") == ours


@pytest.mark.parametrize("name", ["my site", "-x", "x.", "x" * 65, 'a"""b', "../x", "café"])
def test_the_plain_cookiecutter_command_refuses_what_packaging_refuses(here, tmp_path, name):
    done = subprocess.run(
        [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", f"project_name={name}"],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode != 0
    assert "is not a project name: letters, digits, '-', '_' and '.', up to 64" in done.stderr
    assert not (here / name).exists()
