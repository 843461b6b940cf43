"""The file `.env`: its variables, the lines of it that say nothing, and why it can't be read."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.support.locations import Location
from mtvgen.runtime.support.regular_files import NotARegularFile, read_regular_file


class EnvFileError(FaultError):
    """The file can't be read."""


def read_env_file(file: Path) -> tuple[dict[str, str], list[Fault]]:
    """Read what the file sets, taken word for word: `$` and `${...}` mean nothing there.

    Returns:
        The variables; and what is wrong with each line that sets none, or one that has no place
        here.

    Raises:
        EnvFileError: The file can't be read.
    """
    variables: dict[str, str] = {}
    faults: list[Fault] = []
    # As from a file that is opened as text: the end of a line is "\n", whatever system wrote it.
    for binding in parse_stream(StringIO(_text_of(file), newline=None)):
        location = Location(str(file), binding.original.line)
        if binding.error or (binding.key is not None and binding.value is None):
            cure = "fix it, or put # in front of it"
            faults.append(Fault("line", "this line is not NAME=value.", cure, location=location))
        elif binding.key == "DEBUG":
            message = "DEBUG does not belong here: mtvgen runserver sets it."
            faults.append(Fault("line", message, "remove the line", "DEBUG", location))
        elif binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
    return variables, faults


def _text_of(file: Path) -> str:
    def unreadable(message: str, cure: str) -> EnvFileError:
        return EnvFileError(Fault("file", message, cure, location=Location(str(file), 0)))

    try:
        # Some editors begin a file with a byte order mark, which is not part of a name.
        return read_regular_file(file).decode("utf-8-sig")
    except FileNotFoundError as error:
        message = "is a link to a missing file."
        raise unreadable(message, "make it, or unlink") from error
    except NotARegularFile as error:
        # Docker makes a directory for a file that it is to mount, and that is not there.
        remove = "rmdir" if error.kind == "a directory" else "rm"
        cure = f"remove it ({remove} {file.name}) and write the file: {file.name}.example shows how"
        raise unreadable(f"is {error.kind}.", cure) from error
    except PermissionError as error:
        cure = "let this user read it: chown or chmod"
        raise unreadable(f"can't be read: {error.strerror}.", cure) from error
    except OSError as error:
        cure = f"write it again: {file.name}.example shows how"
        raise unreadable(f"can't be read: {error.strerror}.", cure) from error
    except UnicodeDecodeError as error:
        raise unreadable(f"can't be read: {error}.", "save it as UTF-8") from error
