"""The first process of a container, PID 1: it hands signals on and reaps what is left behind.

A process whose parent has ended becomes a child of PID 1, which has to wait for it, or it stays a
zombie for as long as the container runs. The server itself can't do so: it would take away the exit
codes that a view waits for. So the server becomes a child, and PID 1 does nothing else.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

_HANDED_ON = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}


def fork_below_init() -> None:
    """In PID 1: go on in a child, while this process is the init; it ends as the child does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_HANDED_ON, signal.SIGCHLD})
    server = os.fork()
    if not server:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    while True:
        received = signal.sigwaitinfo({*_HANDED_ON, signal.SIGCHLD})
        if received.si_signo == signal.SIGCHLD:
            code = _reap(server)
            if code is not None:
                os._exit(code if code >= 0 else 128 - code)
        elif received.si_code <= 0:  # by kill(2); what a terminal sends the server gets itself
            with suppress(ProcessLookupError):
                os.kill(server, received.si_signo)


def _reap(server: int) -> int | None:
    """Wait for all that has ended; the server's exit code, if it is among them."""
    code = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if pid == server:
                code = os.waitstatus_to_exitcode(status)
    return code
