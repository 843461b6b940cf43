"""The modules that the server executes by their names: each is there, and starts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.devserver.processes import programs
from mtvgen.devserver.processes.programs import ProcessArguments, command
from mtvgen.devserver.supervisor.background_checks import CHECKS_SERVER
from tests.devserver.running import SECONDS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="what is inherited is POSIX's")
EXECUTED = [programs.FORK_SERVER, programs.SPAWN_WORKER]


def run(*arguments: str, inherits: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        pass_fds=inherits,
        input="",
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("program", EXECUTED)
def test_a_process_whose_parent_has_gone_starts_and_ends_itself(
    program: str, tmp_path: Path
) -> None:
    nobody = ProcessArguments(
        parent=0,
        channel=-1,
        sockets=[],
        root=str(tmp_path),
        directory=str(tmp_path),
        all_frames=False,
    )

    done = run(*command(program, nobody.to_json()))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("program", [programs.SPAWN_WORKER, programs.RESTART_WORKER])
def test_a_worker_ends_when_it_is_told_nothing(program: str, tmp_path: Path) -> None:
    mine, its = socket.socketpair()
    with its, socket.create_server(("127.0.0.1", 0)) as listener:
        mine.close()
        ends = (its.fileno(), listener.fileno())
        arguments = ProcessArguments(
            parent=os.getpid(),
            channel=ends[0],
            sockets=ends[1:],
            root=str(tmp_path),
            directory=None,
            all_frames=False,
        )

        done = run(*command(program, arguments.to_json()), inherits=ends)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_checks_end_when_they_are_asked_for_nothing() -> None:
    done = run(sys.executable, "-P", "-m", CHECKS_SERVER)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_a_process_is_told_survives_its_command_line() -> None:
    arguments = ProcessArguments(1, 2, [3, 4, 5], "/it's/a/sité", "/tmp/cache", all_frames=True)

    assert ProcessArguments.from_json(arguments.to_json()) == arguments
    assert json.loads(arguments.to_json())["root"] == "/it's/a/sité"
