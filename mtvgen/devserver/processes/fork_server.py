"""A process that holds imported modules and forks others that need them.

The zygote holds the third-party modules. A layer is forked from it and holds the project's models
as well, with their mappers configured, which is most of what an edit of a view would wait for.
Both have one thread, because a fork copies only the thread that forks.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

# Every project imports it, so it is held before the first fork, and once in memory.
import mtvgen.runtime  # noqa: F401
from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import Channel, Message, channel_of
from mtvgen.devserver.processes.child_loop import Maker
from mtvgen.devserver.processes.parent_death import die_with, leave_signals_to_the_supervisor
from mtvgen.devserver.processes.throwaway_key import lend_key
from mtvgen.devserver.processes.worker import Site
from mtvgen.project.source_imports import (
    compile_ahead,
    import_from_sources,
    look_afresh,
    users_files,
)


class Zygote(Maker):
    """The loop of a zygote or a layer.

    Args:
        channel: To the supervisor; its end ends the process.
        site: What the workers serve.
    """

    def __init__(self, channel: Channel, site: Site) -> None:
        super().__init__(channel)
        self._site = site
        self._postponed: list[Message] = []

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "preload":
                self._preload(message["names"])
            case "warm":
                compile_ahead(message["files"])
            case "fork":
                self._fork(message, self._become_worker)
            case "layer":
                self._fork(message, self._become_layer)
            case "retire":
                self._retired = True

    def _preload(self, names: list[str]) -> None:
        culprit = None
        for name in names:
            with suppress(BaseException):  # whatever it is, a worker meets it where it is told
                importlib.import_module(name)
            if thread_count() > 1:
                culprit = name
                break
            self._fork_what_is_wanted()
        gc.collect()
        self._channel.send("preloaded", culprit=culprit)
        postponed, self._postponed = self._postponed, []
        for message in postponed:
            self._obey(message)

    def _fork_what_is_wanted(self) -> None:
        """Let an edit not wait for the rest of the imports; all other orders do."""
        while self._channel.open and _is_readable(self._channel):
            for message in self._channel.receive():
                if message["do"] == "fork":
                    self._obey(message)
                else:
                    self._postponed.append(message)

    def _fork(self, message: Message, become: Callable[[Message], None]) -> None:
        sys.stdout.flush()
        gc.freeze()  # the collector must not write into pages that are shared with the children
        parent = os.getpid()
        child = os.fork()
        if child:
            self._made(message, child)
            return
        try:
            die_with(parent)
            self._forget_parent()
            become(message)
        finally:
            os._exit(1)  # nothing of the parent's stack may run in the child

    def _forget_parent(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._channel.close()
        os.close(self._woken)
        os.close(self._wake)
        # What a held module wants done at the exit is done once, by its holder.
        getattr(atexit, "_clear", bool)()
        look_afresh()

    def _become_worker(self, message: Message) -> None:
        channel = channel_of(message["descriptor"])
        worker.run(channel, self._site, message["because"], message["error"])

    def _become_layer(self, message: Message) -> None:
        channel = channel_of(message["descriptor"])
        reason = _hold_models(self._site.root)
        channel.send("held", files=users_files(self._site.root), reason=reason)
        if not reason:
            Zygote(channel, self._site).run()


def _is_readable(channel: Channel) -> bool:
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(0))


def thread_count() -> int:
    """The threads of this process, those of C libraries included where the system tells."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return threading.active_count()


def _hold_models(root: Path) -> str:
    """Import the project's models; why they can't be held, or the empty string."""
    open_before = _descriptor_count()
    lend_key(root)
    try:
        importlib.import_module("models")
    except BaseException as error:
        return f"models can't be imported: {type(error).__name__}"
    orm: Any = sys.modules.get("sqlalchemy.orm")
    if orm is None:
        return "there are no mapped classes"
    try:
        orm.configure_mappers()
    except Exception as error:
        return f"the mappers can't be configured: {type(error).__name__}"
    if thread_count() > 1:
        return "models starts a thread"
    if _descriptor_count() > open_before:
        return "models opens a file or a connection"
    gc.collect()
    return ""


def _descriptor_count() -> int:
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return 0


def begin(told: dict[str, Any]) -> None:
    """Be a zygote, with what `processes.py` has to say to a new one."""
    site = prepare(told)
    Zygote(channel_of(told["channel"]), site).run()


def prepare(told: dict[str, Any]) -> Site:
    """Make this process one of the server's, which imports the project; what it serves."""
    leave_signals_to_the_supervisor()
    die_with(told["parent"])
    root = Path(told["root"])
    listener, *handover = (socket.socket(fileno=number) for number in told["sockets"])
    sys.dont_write_bytecode = True
    import_from_sources(root)
    return Site(
        root=root,
        listener=listener,
        handover=(handover[0], handover[1]),
        cache=Path(told["cache"]),
        all_frames=told["all_frames"],
    )


if __name__ == "__main__":
    begin(json.loads(sys.argv[1]))
