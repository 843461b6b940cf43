"""`mtvgen ...` as a process that needs no start: forked from one that has imported what it needs.

Each has its own directory, environment and streams, and ends with its own exit code. What is saved
is the half second that SQLAlchemy and Alembic take to be imported. How the real command starts is
shown by tests/test_cli.py and tests/test_packaging.py.

    python tests/support/forked_commands.py 3

serves the socket that is its descriptor 3 until its standard input is closed.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ADDRESS = "MTVGEN_TEST_COMMANDS"  # the environment variable with the address of a server
HEAVY = (
    "cookiecutter.generate",
    "mtvgen.checks.run",
    "mtvgen.runtime.migrations.run",
    "mtvgen.runtime.migrations.write",
    "mtvgen.startproject.create",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)


def mtvgen(
    *arguments: str,
    cwd: str | Path,
    env: Mapping[str, str],
    input: str = "",  # noqa: A002  # as subprocess.run() has it
    stderr: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        stderr: `subprocess.STDOUT` to have its errors where its output is.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        given.write(input.encode())
        given.seek(0)
        streams = [given, output, output if stderr == subprocess.STDOUT else errors]
        connection.connect(server())
        socket.send_fds(connection, [b"."], [stream.fileno() for stream in streams])
        request = {"arguments": arguments, "cwd": str(cwd), "env": dict(env)}
        connection.sendall(json.dumps(request).encode())
        connection.shutdown(socket.SHUT_WR)
        code = int(_rest_of(connection))
        return subprocess.CompletedProcess(arguments, code, _text(output), _text(errors))


def _rest_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def server() -> str:
    """The address of the server of this process; it is started at the first call.

    A process that finds one in its environment uses that.
    """
    return os.environ.get(ADDRESS) or start({**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def start(env: Mapping[str, str]) -> str:
    """Start a server, whose interpreter and so all commands heed this environment; its address."""
    place = tempfile.TemporaryDirectory(prefix="mtvgen-")  # short: an address has 108 characters
    address = str(Path(place.name, "commands"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            env=env,
        )

    def end() -> None:
        process.communicate()
        place.cleanup()

    atexit.register(end)
    return address


def serve(listener: socket.socket) -> None:
    """Run one command after the other, until nobody holds the other end of the standard input."""
    from mtvgen.cli import COMMANDS

    for name in (*(f"mtvgen.commands.{command}" for command in COMMANDS), *HEAVY):
        import_module(name)
    gc.freeze()  # no collection of a child's touches the pages that it shares
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        with connection:
            _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
            request = json.loads(_rest_of(connection))
            child = os.fork()
            if not child:
                listener.close()
                connection.close()
                _become(request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            connection.sendall(str(code).encode())


def _become(request: Mapping[str, Any], descriptors: list[int]) -> None:
    """Be the command of a request, and end."""
    from mtvgen.cli import main

    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    main(request["arguments"])


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
