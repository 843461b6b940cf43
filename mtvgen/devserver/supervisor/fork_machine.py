"""The machine that forks its workers from processes which hold modules already.

The fork server holds packages. The models server is forked from it, and holds the project's models
as well. One that is replaced stays until the last worker that it forked has gone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count

from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.launch import Launcher, LaunchError
from mtvgen.devserver.supervisor.forked_processes import ForkedWorker, ForkServerHandle
from mtvgen.devserver.supervisor.machine import Ended, Machine

MAX_STILLBORN = 3  # fork servers in a row that ended without a word
# Fewer modules of the project are imported in no time (24 us each); holding them takes memory.
MANY_MODULES = 150
MODELS_SERVER_ID = 0  # in the conversation about forks, where workers count from 1


class ForkMachine(Machine):
    """The fork server, the models server that came from it, those that were replaced, the workers.

    Args:
        launcher: Starts processes.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._models = str(launcher.root / "models")
        self._environment = str(launcher.root / ".env")
        self._stamp = launcher.packages_stamp()
        self._fork_server = ForkServerHandle(launcher.start_fork_server())
        self._models_server: ForkServerHandle | None = None
        self._retired: list[ForkServerHandle] = []
        self._workers: dict[int, ForkedWorker] = {}
        self._ordered: dict[int, ForkedWorker] = {}  # those that no fork server has reported yet
        self._spare_ids = count(-1, -1)
        self._learned: dict[str, None] = {}
        self._modules: dict[str, str] = {}
        self._new_modules: dict[str, str] = {}
        self._may_hold_modules = True
        self._denied: set[str] = set()
        self._refused: frozenset[str] | None = None
        self._stillborn = 0

    def start(self, id: int, *, is_stand_in: bool) -> Channel:
        """Have a worker forked from the process that holds the most of what it needs."""
        server = self._fork_server
        if self._models_server and self._models_server.ready and not is_stand_in:
            server = self._models_server
        spare, server.spare = server.spare, None
        worker = spare or self._order_worker(server, id)
        if server.changed:
            worker.channel.send("changed", files=sorted(server.changed))
        self._workers[id] = worker
        return worker.channel

    def kill(self, id: int) -> None:
        """End a worker, as soon as there is one."""
        self._signal(id, signal.SIGKILL)

    def abort(self, id: int) -> None:
        """End a worker; its faulthandler prints where it was."""
        self._signal(id, signal.SIGABRT)

    def unheard(self, id: int) -> Iterable[Ended]:
        """Wait for the fork server's report, or say how its worker ended if it ended itself."""
        return self._lost([id] if not self._workers[id].server.channel.open else [])

    def channels(self) -> Sequence[Channel]:
        """Return the conversations with the servers."""
        return [server.channel for server in self._servers() if server.channel.open]

    def hear(self, channel: Channel, message: Message) -> Iterable[Ended]:
        """Handle a server's report: what it holds, what it has forked, or how that ended."""
        server = self._server_of(channel)
        server.has_spoken = True
        match message["do"]:
            case "forked" if worker := self._ordered.pop(message["id"], None):
                worker.pid = message["pid"]
                if worker.signal is not None:
                    self._launcher.kill(worker.pid, worker.signal)
            case "exit" if server.spare is not None and server.spare.pid == message["pid"]:
                server.spare = None
            case "exit":
                ids = [id for id, worker in self._workers.items() if worker.pid == message["pid"]]
                for id in ids:
                    del self._workers[id]
                return [Ended(id, message["code"]) for id in ids]
            case "preloaded" if message["culprit"]:
                # A thread cannot be forked: the next fork server does without this module.
                self._denied.add(message["culprit"])
                self._replace_fork_server()
            case "held" if server is self._models_server:
                server.files, server.ready = frozenset(message["files"]), not message["reason"]
                if message["reason"]:
                    self._refused, self._models_server = server.files, None
                    self._retired.append(server)
                elif server.holds_modules:
                    self._order_spare(server)
            case "spoiled" if server is self._models_server:
                self._retire_models_server()  # a file was saved while it imported that
        return ()

    def lose(self, channel: Channel) -> Iterable[Ended]:
        """Handle the end of a server: of the fork server, all that came from it are lost."""
        server = self._server_of(channel)
        if server is self._fork_server:
            self._start_over()
            return self._lost(list(self._workers))
        if server is self._models_server:
            self._models_server = None
        self._retired = [retired for retired in self._retired if retired is not server]
        return self._lost(
            [
                id
                for id, worker in self._workers.items()
                if worker.server is server and not worker.channel.open
            ]
        )

    def replace_outdated(self, changed: Collection[str]) -> None:
        """Replace what holds a file that changed, and everything after an installation."""
        if self._models_server is not None:
            if self._is_outdated(self._models_server, changed):
                self._retire_models_server()
            else:
                self._models_server.changed.update(changed)
        if self._refused is not None and self._concerns(self._refused, changed):
            self._refused = None
        stamp = self._launcher.packages_stamp()
        if stamp != self._stamp:
            with suppress(LaunchError):  # an environment that is being made again: at the next edit
                self._replace_fork_server()
                self._stamp = stamp

    def learn(self, names: Iterable[str], modules: Mapping[str, str]) -> None:
        """Take note of modules that a worker had to import itself."""
        self._learned.update(dict.fromkeys(names))
        self._new_modules.update(modules.items() - self._modules.items())
        self._modules.update(modules)

    def distrust(self, *, may_hold_again: bool) -> None:
        """Retire what holds modules, for ever where the project changes them when it starts."""
        self._may_hold_modules = may_hold_again
        self._retire_models_server()

    def prepare(self, files: Collection[str]) -> None:
        """Hold what the next worker will need, while nobody waits for it."""
        names = [
            name
            for name in self._learned
            if name not in self._fork_server.names and name not in self._denied
        ]
        self._fork_server.channel.send("warm", files=list(files))
        if names:
            self._fork_server.names.update(names)
            self._fork_server.channel.send("preload", names=names)
            self._retire_models_server()  # it was forked before the fork server had them
        if self._models_server is not None:
            self._models_server.channel.send("warm", files=list(files))
            if self._models_server.holds_modules:
                self._renew(self._models_server)
        elif self._refused is None:
            self._start_models_server()

    def _start_models_server(self) -> None:
        is_large = self._may_hold_modules and len(self._modules) >= MANY_MODULES
        channel = self._order(
            self._fork_server,
            "fork_models_server",
            MODELS_SERVER_ID,
            modules=self._modules if is_large else {},
        )
        self._new_modules = {}
        self._models_server = ForkServerHandle(channel, holds_modules=is_large, ready=False)

    def _renew(self, server: ForkServerHandle) -> None:
        """Have it hold what changed, as it is now."""
        changed, server.changed = server.changed, set()
        modules, self._new_modules = self._new_modules, {}
        if changed or modules:
            server.channel.send("renew", changed=sorted(changed), modules=modules)
            self._order_spare(server)

    def _order_spare(self, server: ForkServerHandle) -> None:
        """Have a worker wait for the next edit; one that does already ends."""
        self._dismiss_spare(server)
        server.spare = self._order_worker(server, next(self._spare_ids), waits=True)

    def _dismiss_spare(self, server: ForkServerHandle) -> None:
        if server.spare is not None:
            server.spare.channel.close()  # with which it ends
            server.spare = None

    def _order_worker(
        self, server: ForkServerHandle, id: int, *, waits: bool = False
    ) -> ForkedWorker:
        channel = self._order(server, "fork", id, waits=waits)
        self._ordered[id] = worker = ForkedWorker(channel, server)
        return worker

    def _servers(self) -> Iterator[ForkServerHandle]:
        yield self._fork_server
        if self._models_server is not None:
            yield self._models_server
        yield from self._retired

    def _server_of(self, channel: Channel) -> ForkServerHandle:
        return next(server for server in self._servers() if server.channel is channel)

    def _order(self, server: ForkServerHandle, do: str, id: int, **values: object) -> Channel:
        channel, other_end = self._launcher.new_channel()
        server.channel.send(do, descriptor=other_end, id=id, **values)
        os.close(other_end)
        return channel

    def _signal(self, id: int, number: int) -> None:
        worker = self._workers[id]
        worker.signal = number
        if worker.pid is not None:
            self._launcher.kill(worker.pid, number)

    def _lost(self, ids: Iterable[int]) -> list[Ended]:
        for id in ids:
            del self._workers[id]
        return [Ended(id, None) for id in ids]

    def _start_over(self) -> None:
        """Begin again with a new fork server: all that came from the old one goes with it."""
        for server in self._servers():
            server.channel.close()
        self._models_server, self._retired = None, []
        self._ordered.clear()
        self._stillborn = 0 if self._fork_server.has_spoken else self._stillborn + 1
        if self._stillborn == MAX_STILLBORN:
            raise LaunchError("the server's processes end as soon as they begin; see above.")
        self._fork_server = ForkServerHandle(self._launcher.start_fork_server())

    def _replace_fork_server(self) -> None:
        new = ForkServerHandle(self._launcher.start_fork_server())
        self._retire_models_server()
        self._retire(self._fork_server)
        self._refused = None
        self._fork_server = new

    def _retire_models_server(self) -> None:
        if self._models_server is not None:
            self._dismiss_spare(self._models_server)
            self._retire(self._models_server)
            self._models_server = None

    def _retire(self, server: ForkServerHandle) -> None:
        server.channel.send("retire")
        self._retired.append(server)

    def _is_outdated(self, server: ForkServerHandle, changed: Collection[str]) -> bool:
        """Return whether it can't be used after a change of files."""
        # A new file may take the place of another one, whatever that is.
        has_new = server.holds_modules and not set(self._modules.values()).issuperset(changed)
        return has_new or self._concerns(server.files, changed)

    def _concerns(self, files: frozenset[str], changed: Collection[str]) -> bool:
        return any(
            path in files or path == self._environment or path.startswith(self._models)
            for path in changed
        )
