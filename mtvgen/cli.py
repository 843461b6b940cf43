"""The `mtvgen` command: its subcommands, and the one boundary where errors become words.

A subcommand's module is imported when it runs, so that `mtvgen --help` loads Click and no more.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from mtvgen import MANUAL, __version__
from mtvgen.commands import LazyGroup
from mtvgen.errors import MtvgenError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

# One line a command: mtvgen/commands/<name>.py holds a Click command <name>,
# and its help begins with this sentence.
COMMANDS = {
    "startproject": "Create a project that runs at once.",
    "runserver": "Serve the project and reload it on each edit.",
    "check": "Prove that models, templates, views and URLs fit together.",
    "lsp": "Show problems in your editor, which starts this.",
    "routes": "List the routes, or show where URL leads.",
    "add": "Add accounts, or pages for a model, to the project.",
    "makemigrations": "Write a migration for what changed in models/.",
    "migrate": "Bring the database to the newest migration.",
    "shell": "Start Python with the project loaded.",
    "docs": "Show the manual, or what it says about WORD.",
}


@click.group(
    cls=LazyGroup,
    package="mtvgen.commands",
    summaries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=MANUAL,
)
@click.version_option(__version__, message="mtvgen %(version)s")
def mtvgen() -> None:
    """Make a web project of Models, Templates and Views, and run it."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code.

    0: done; 1: the project or the disk is wrong; 2: the command line is wrong;
    128 + n: stopped by signal n.
    """
    _open_closed_streams()
    _escape_unencodable_output()
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        result = mtvgen.main(arguments, prog_name="mtvgen", standalone_mode=False)
    except MtvgenError as error:
        return _fail(str(error), error.exit_code, error.cure)
    except click.exceptions.NoArgsIsHelpError as error:  # `mtvgen` and nothing more
        error.show()
        return error.exit_code
    except click.UsageError as error:
        return _fail(_usage(error), error.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except click.Abort:  # Ctrl-C; Click has ended the line that shows ^C
        return 130
    except OSError as error:
        return _fail_at_output(error)
    return result if isinstance(result, int) else 0


def _fail(message: str, exit_code: int, cure: str = "") -> int:
    """Print an error, in colours on a terminal; the message ends with the cure."""
    from mtvgen.styled_text import coloured, has_colours  # `mtvgen --help` needs none of it

    if has_colours(sys.stderr):
        end = len(message) - len(cure)
        message = f"{message[:end]}{coloured(message[end:], 'cure')}"
        click.echo(f"{coloured('Error:', 'error')} {message}", err=True)
    else:
        click.echo(f"Error: {message}", err=True)
    return exit_code


def _usage(error: click.UsageError) -> str:
    """Print Click's three lines as one: what is wrong, and where the options are listed."""
    command = error.ctx.command_path if error.ctx else "mtvgen"
    return f"{printable(error.format_message())} -> {command} --help"


_OF_A_FULL_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _fail_at_output(error: OSError) -> int:
    """End quietly where the reader of our output is gone; report an output that has no room."""
    # What is still buffered would fail once more when the interpreter flushes at its end
    # (https://docs.python.org/3/library/signal.html#note-on-sigpipe).
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if error.errno == errno.EPIPE:
        return 1
    if error.filename is not None:
        return _fail(printable(f"{error.filename}: {error.strerror or error}"), 1)
    place = "the output can't be written: " if error.errno in _OF_A_FULL_OUTPUT else ""
    return _fail(f"{place}{error.strerror or error}", 1)


def _open_closed_streams() -> None:
    """Let nothing be read from, or written to, streams that the caller has closed.

    Otherwise the next file or socket to be opened would get the number of one of them, and what
    is printed would be written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest free number
        if getattr(sys, name) is None:
            stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _escape_unencodable_output() -> None:
    """Escape what the encoding of the output lacks, as stderr does, rather than fail at it."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # not of a stream that a test puts there
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
