"""A process that holds imported modules and forks others that need them.

The fork server holds the third-party modules. A models server is forked from it and holds the
project's models as well, and of a large project all modules that may be held. Both have one thread,
because a fork copies only the thread that forks.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import select
import signal
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

# Every project imports it, so it is held before the first fork, and once in memory.
import mtvgen.runtime  # noqa: F401
from mtvgen.devserver.holding.models import (
    are_many_models,
    hold_models,
    hold_runtime_models,
    thread_count,
)
from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import Channel, Message, channel_of
from mtvgen.devserver.processes.exit import end_process
from mtvgen.devserver.processes.forking import fork
from mtvgen.devserver.processes.parent_death import die_with
from mtvgen.devserver.processes.programs import ProcessArguments
from mtvgen.devserver.processes.site import Site, prepare
from mtvgen.devserver.processes.throwaway_key import provide_key
from mtvgen.project.imported_modules import users_files
from mtvgen.project.source_imports import compile_ahead, forget_directories

if TYPE_CHECKING:
    from mtvgen.devserver.holding.modules import HeldModules


class ForkServer:
    """The loop of a fork server or a models server, which reports how its children end.

    Args:
        channel: To the supervisor; its end ends the process.
        site: What the workers serve.
        held: The modules of the project that this process holds, if it is a models server.
    """

    def __init__(self, channel: Channel, site: Site, held: HeldModules | None = None) -> None:
        self._channel = channel
        self._site = site
        self._held = held
        self._children: set[int] = set()
        self._postponed: list[Message] = []
        self._retired = False
        # SIGCHLD arrives as a byte, so that poll() sees it whenever it comes.
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def run(self) -> None:
        """Do what the supervisor says, until it goes, or until a retired one has no child left."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while self._channel.open and not (self._retired and not self._children):
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._channel.fileno() in ready:
                for message in self._channel.receive():
                    self._obey(message)
        end_process(0, seconds=0)

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "preload":
                self._preload(message["names"])
            case "warm":
                compile_ahead(message["files"])
            case "fork":
                self._fork(message, self._become_worker)
            case "fork_models_server":
                self._fork(message, self._become_models_server)
            case "renew" if self._held is not None:
                forget_directories()
                if not self._held.renew(message["changed"], message["modules"]):
                    self._channel.send("spoiled")
            case "retire":
                self._retired = True

    def _reap(self) -> None:
        for child in list(self._children):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                self._children.discard(child)
                code = os.waitstatus_to_exitcode(status)
                self._channel.send("exit", pid=child, code=code)

    def _preload(self, names: list[str]) -> None:
        culprit = None
        for name in names:
            with suppress(BaseException):  # whatever it is, a worker meets it where it is shown
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

    def _fork(self, message: Message, become: Callable[[Channel, Message], None]) -> None:
        parent = os.getpid()

        def become_child() -> None:
            die_with(parent)
            self._forget_parent()
            become(channel_of(message["descriptor"]), message)

        child = fork(become_child)
        os.close(message["descriptor"])
        self._children.add(child)
        self._channel.send("forked", id=message["id"], pid=child)

    def _forget_parent(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._channel.close()
        os.close(self._woken)
        os.close(self._wake)
        # What a held module wants done at the exit is done once, by the process that holds it.
        getattr(atexit, "_clear", bool)()
        forget_directories()

    def _become_worker(self, channel: Channel, message: Message) -> None:
        if self._held is not None and message["waits"]:
            self._held.touch()
        worker.run(channel, self._site, held=self._held)

    def _become_models_server(self, channel: Channel, message: Message) -> None:
        modules, held, is_whole = message["modules"], None, True
        provide_key(self._site.root)
        reason = hold_models(_models_and_settings(modules, self._site.root))
        if not modules and not are_many_models():
            reason = reason or "they are imported in no time"
        files = users_files(self._site.root)
        if modules and not reason:
            # Imported here, as only a large project needs it.
            from mtvgen.devserver.holding.modules import HeldModules

            held = HeldModules()
            is_whole = held.hold(modules)
            gc.collect()
        channel.send("held", files=files, reason=reason)
        if not is_whole:
            channel.send("spoiled")
        if not reason:
            ForkServer(channel, self._site, held).run()
        channel.close()


def _models_and_settings(modules: Collection[str], root: Path) -> list[str]:
    """Return what to hold of a large project with these modules; of a small one, its models."""
    if not modules:
        return ["models"]
    # Imported here, as only a large project needs it.
    from mtvgen.devserver.holding.settings import reads_only_the_environment

    names = ["models"] if "models" in modules else []
    if "settings" in modules and reads_only_the_environment(root):
        names.append("settings")
    return names


def _is_readable(channel: Channel) -> bool:
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(0))


def begin(arguments: ProcessArguments) -> None:
    """Be a fork server."""
    die_with(arguments.parent)
    site = prepare(arguments)
    hold_runtime_models(site.root)
    ForkServer(channel_of(arguments.channel), site).run()


if __name__ == "__main__":
    begin(ProcessArguments.from_json(sys.argv[1]))
