from __future__ import annotations

import os
import pkgutil
import re
import shutil
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import click
import pytest

import mtvgen.commands.add
from mtvgen import __version__
from mtvgen.cli import COMMANDS, main
from mtvgen.commands.add import ADDITIONS
from mtvgen.errors import MtvgenError, UsageError, printable
from tests.support.live_site import make_project


def run(
    *arguments: str, environ: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[str]:
    """`mtvgen ...` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mtvgen", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **(environ or {})},
        **options,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize(
    "command", ["check", "routes", "runserver 0", "makemigrations", "migrate", "shell"]
)
def test_a_current_directory_that_is_gone_is_an_error_with_what_to_type(command, tmp_path):
    (tmp_path / "gone").mkdir()
    script = f'cd gone && rmdir ../gone && exec "$0" -m mtvgen {command}'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == (
        "Error: the current directory is gone. "
        '-> cd to one that exists, or if it was made again: cd "$PWD"\n'
    )
    assert done.returncode == 1


def python(program: str) -> str:
    """What a program prints that runs in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    return done.stdout


def command_that(body: str) -> subprocess.CompletedProcess[str]:
    """`mtvgen runserver`, if that command did what `body` does."""
    program = f"""
import sys, types, click
from mtvgen.errors import *

@click.command()
def runserver():
    {body}

sys.modules["mtvgen.commands.runserver"] = types.SimpleNamespace(runserver=runserver)
from mtvgen.cli import main
main(["runserver"])
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_help_loads_click_and_nothing_heavier():
    loaded = python(
        """
        import contextlib, io, sys
        before = set(sys.modules)
        from mtvgen.cli import main
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
            main(["--help"])
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(*sorted(new - set(sys.stdlib_module_names)))
        print(*sorted(name for name in sys.modules if name.startswith("mtvgen")))
        """
    )

    assert loaded.splitlines() == [
        "click mtvgen",
        "mtvgen mtvgen.cli mtvgen.commands mtvgen.errors",
    ]


def test_startproject_loads_what_its_template_needs_and_no_more(tmp_path):
    loaded = python(
        f"""
        import contextlib, io, os, sys
        os.chdir({str(tmp_path)!r})
        from mtvgen.cli import main
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
            main(["startproject", "mysite"])
        print(*sorted({{"cookiecutter", "jinja2", "rich", "arrow", "slugify"}} & set(sys.modules)))
        """
    )

    assert (tmp_path / "mysite" / "wsgi.py").exists()
    assert loaded.split() == ["cookiecutter", "jinja2"]


def test_help_lists_every_command_that_has_a_module():
    modules = {module.name for module in pkgutil.iter_modules(mtvgen.commands.__path__)}

    assert set(COMMANDS) == modules


def test_help_lists_the_commands_in_the_order_of_use():
    listing = run("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0]

    assert re.findall(r"^  (\w+)", listing, re.M) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_sentence_of_its_own_help(name):
    command = getattr(import_module(f"mtvgen.commands.{name}"), name)

    assert isinstance(command, click.Command)
    assert COMMANDS[name] == (command.help or "").partition("\n")[0]


def test_what_can_be_added_is_listed_with_the_first_sentence_of_its_own_help():
    modules = {module.name for module in pkgutil.iter_modules(mtvgen.commands.add.__path__)}

    assert set(ADDITIONS) == modules - {"printing"}
    for name, line in ADDITIONS.items():
        command = getattr(import_module(f"mtvgen.commands.add.{name}"), name)
        assert line == (command.help or "").partition("\n")[0]
        assert line in run("add", "--help", environ={"COLUMNS": "80"}).stdout
        assert run("add", name, "--help").stdout.startswith(f"Usage: mtvgen add {name}")


def test_each_line_of_the_list_is_shown_whole_on_80_columns():
    shown = run("--help", environ={"COLUMNS": "80"}).stdout
    assert [line for line in COMMANDS.values() if line not in shown] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = run(name, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: mtvgen {name}")


def test_the_version_is_told():
    assert run("--version").stdout == f"mtvgen {__version__}\n"


def test_without_a_command_the_help_is_shown_as_a_mistake():
    done = run()

    assert done.returncode == 2
    assert done.stderr.startswith("Usage: mtvgen [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("arguments", "problem", "cure"),
    [
        ("startprojct", "No such command 'startprojct'. Did you mean 'startproject'?", "mtvgen"),
        ("dance", "No such command 'dance'.", "mtvgen"),
        ("\x1b[31mred", "No such command '\\x1b[31mred'.", "mtvgen"),
        ("startproject", "Missing argument 'NAME'.", "mtvgen startproject"),
        (
            "startproject a --dry",
            "No such option '--dry'. Did you mean '--dry-run'?",
            "mtvgen startproject",
        ),
        ("startproject a b c", "Got unexpected extra argument (c)", "mtvgen startproject"),
        ("startproject a --template", "Option '--template' requires an argument.", "mtvgen"),
    ],
)
def test_a_wrong_command_line_is_one_line_with_a_cure(arguments, problem, cure, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments.split(" "))

    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"Error: {problem} -> {cure} --help\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ('MtvgenError("it broke.", cure="mend it")', 1),
        ('UsageError("it broke.", cure="mend it")', 2),
        ('Stopped(15, "it broke. -> mend it")', 143),
    ],
)
def test_an_error_of_ours_is_one_line_and_its_exit_code(error, code):
    done = command_that(f"raise {error}")

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == "Error: it broke. -> mend it\n"


@pytest.mark.parametrize(("body", "code"), [("return 3", 3), ("return None", 0), ("pass", 0)])
def test_a_command_may_return_its_exit_code(body, code):
    assert command_that(body).returncode == code


def test_a_bug_of_ours_keeps_its_traceback():
    done = command_that("1 / 0")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_ctrl_c_ends_a_command_with_130_and_no_traceback():
    done = command_that("raise KeyboardInterrupt")

    assert done.returncode == 130
    assert done.stderr.strip() == ""


def test_a_reader_that_leaves_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "mtvgen", "--help"], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_output_without_room_is_one_line():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mtvgen", "--help"], stdout=full, stderr=subprocess.PIPE
        )

    message = b"Error: the output can't be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_a_closed_output_is_no_error():
    done = subprocess.run(["sh", "-c", f"exec {sys.executable} -m mtvgen --help >&- 2>&-"])

    assert done.returncode == 0


@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"LANG": "C"}])
def test_text_that_the_terminal_can_not_show_is_escaped(environ, tmp_path):
    done = run("startproject", "site", "\u7f51\u7ad9", environ=environ, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "Created site in " in done.stdout
    assert (tmp_path / "\u7f51\u7ad9" / "urls.py").exists()


def test_the_output_has_no_colours_of_its_own():
    environ = {"NO_COLOR": "1", "FORCE_COLOR": "1"}

    assert "\x1b" not in run("--help", environ=environ).stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\u7f51\u7ad9 caf\xe9", "\u7f51\u7ad9 caf\xe9"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028\u2029\u200b", "\\u2028\\u2029\\u200b"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_shown_as_an_escape(text, shown):
    assert printable(text) == shown


def test_an_error_reads_as_a_sentence_and_its_cure():
    assert str(MtvgenError("It broke.", cure="mend it")) == "It broke. -> mend it"
    assert str(UsageError("It broke.")) == "It broke."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("made"))


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes descriptors")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["", "check", "routes", "makemigrations", "migrate", "shell"])
def test_a_command_works_with_streams_that_are_closed(
    command: str, closed: str, made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made, tmp_path / "mysite")

    shell = f'exec "$0" -m mtvgen {command or "--help"} {closed}'
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable],
        cwd=tmp_path / "mysite",
        input="",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_command_opens_is_not_where_its_output_goes(tmp_path: Path) -> None:
    shell = 'exec "$0" -m mtvgen startproject mysite <&- >&- 2>&-'
    subprocess.run(["sh", "-c", shell, sys.executable], cwd=tmp_path, check=True)

    files = [path for path in (tmp_path / "mysite").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"Created mysite/" in path.read_bytes()]
