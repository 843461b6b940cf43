"""A command on a terminal of a given width, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from tests.support.live_site import environment


def on_a_terminal(directory: Path, *command: str, columns: int, **more: str) -> str:
    """What a command prints on a terminal that is so wide."""
    mine, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = environment(directory) | more
    with subprocess.Popen(command, cwd=directory, env=env, stdout=its, stderr=its) as process:
        os.close(its)
        said = b""
        while True:
            try:
                piece = os.read(mine, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
        process.wait()
    os.close(mine)
    return said.decode().replace("\r\n", "\n")
