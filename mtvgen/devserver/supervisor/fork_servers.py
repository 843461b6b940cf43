"""The processes that workers are forked from: when they start, what they hold, when they go.

The models server is forked from the fork server. One that is replaced stays until the last worker
that it forked has gone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.errors import MtvgenError

MAX_STILLBORN = 3  # fork servers in a row that ended without a word
MODELS_SERVER_ID = 0  # in the conversation about forks, where workers count from 1


class ProcessFactory(Protocol):
    """What starts processes."""

    def start_fork_server(self) -> Channel:
        """Start a process that forks others."""

    def new_channel(self) -> tuple[Channel, int]:
        """A channel, and the descriptor of its other end for a process that is to be forked."""

    def packages_stamp(self) -> object:
        """What changes when a package is installed."""


@dataclass(eq=False)
class ForkServerHandle:
    """A fork server or a models server, as the supervisor knows it.

    Attributes:
        names: The modules that it was told to import.
        files: The project's files that it has imported; empty while it is still at it.
        ready: It has done so, and may be forked from.
        has_spoken: It has said something, so it works.
    """

    channel: Channel
    names: set[str] = field(default_factory=set)
    files: frozenset[str] = frozenset()
    ready: bool = True
    has_spoken: bool = False


class ForkServerError(MtvgenError):
    """No process of the server can be started."""


class ForkServers:
    """The fork server, the models server that came from it, and those that were replaced.

    Args:
        factory: Starts processes.
        root: The project's directory.
    """

    def __init__(self, factory: ProcessFactory, root: Path) -> None:
        self._factory = factory
        self._models = str(root / "models")
        self._environment = str(root / ".env")
        self._stamp = factory.packages_stamp()
        self._fork_server = ForkServerHandle(factory.start_fork_server())
        self._models_server: ForkServerHandle | None = None
        self._retired: list[ForkServerHandle] = []
        self._learned: dict[str, None] = {}
        self._denied: set[str] = set()
        self._refused: frozenset[str] | None = None
        self._stillborn = 0

    def __iter__(self) -> Iterator[ForkServerHandle]:
        models_servers = [self._models_server] if self._models_server is not None else []
        return iter([self._fork_server, *models_servers, *self._retired])

    def fork(
        self,
        id: int,
        because: Sequence[str] = (),
        error: str | None = None,
        *,
        is_first: bool = False,
    ) -> tuple[ForkServerHandle, Channel]:
        """Begin a worker; with `error` one that shows it and imports nothing of the project."""
        server = (
            self._models_server
            if self._models_server and self._models_server.ready and not error
            else self._fork_server
        )
        order = {"id": id, "because": because, "error": error, "is_first": is_first}
        return server, self._order(server, "fork", **order)

    def replace_outdated(self, changed: Collection[str]) -> None:
        """Replace what holds a file that changed, and everything after an installation."""
        if self._models_server is not None and self._concerns(self._models_server.files, changed):
            self._retire(self._models_server)
            self._models_server = None
        if self._refused is not None and self._concerns(self._refused, changed):
            self._refused = None
        stamp = self._factory.packages_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._replace_fork_server()

    def learn(self, names: Iterable[str]) -> None:
        """Take note of modules that a worker had to import itself."""
        self._learned.update(dict.fromkeys(names))

    def prepare(self, files: Collection[str]) -> None:
        """Hold what the next worker will need, while nobody waits for it.

        Args:
            files: The project's sources that the last worker imported.
        """
        names = [
            name
            for name in self._learned
            if name not in self._fork_server.names and name not in self._denied
        ]
        self._fork_server.channel.send("warm", files=list(files))
        if names:
            self._fork_server.names.update(names)
            self._fork_server.channel.send("preload", names=names)
            if self._models_server is not None:  # it was forked before the fork server had them
                self._retire(self._models_server)
                self._models_server = None
        if self._models_server is not None:
            self._models_server.channel.send("warm", files=list(files))
        elif self._refused is None:
            self._start_models_server()

    def hear(self, server: ForkServerHandle, message: Message) -> None:
        """A fork server reports what it holds, or what it has forked."""
        server.has_spoken = True
        if message["do"] == "preloaded" and message["culprit"]:
            # A thread cannot be forked: the next fork server does without this module.
            self._denied.add(message["culprit"])
            self._replace_fork_server()
        elif message["do"] == "held" and server is self._models_server:
            server.files, server.ready = frozenset(message["files"]), not message["reason"]
            if message["reason"]:
                self._refused, self._models_server = server.files, None
                self._retired.append(server)

    def lose(self, server: ForkServerHandle) -> bool:
        """One has gone; True if it was the fork server, from which all others came."""
        if server is self._models_server:
            self._models_server = None
        elif server is self._fork_server:
            for other in self:
                other.channel.close()
            self._models_server, self._retired = None, []
            self._stillborn = 0 if server.has_spoken else self._stillborn + 1
            if self._stillborn == MAX_STILLBORN:
                raise ForkServerError(
                    "the server's processes end as soon as they begin; see above."
                )
            self._fork_server = ForkServerHandle(self._factory.start_fork_server())
            return True
        else:
            self._retired = [retired for retired in self._retired if retired is not server]
        return False

    def _start_models_server(self) -> None:
        self._models_server = ForkServerHandle(
            self._order(self._fork_server, "fork_models_server", id=MODELS_SERVER_ID), ready=False
        )

    def _order(self, server: ForkServerHandle, do: str, **values: Any) -> Channel:
        channel, other_end = self._factory.new_channel()
        server.channel.send(do, descriptor=other_end, **values)
        os.close(other_end)
        return channel

    def _replace_fork_server(self) -> None:
        for server in (self._models_server, self._fork_server):
            if server is not None:
                self._retire(server)
        self._models_server, self._refused = None, None
        self._fork_server = ForkServerHandle(self._factory.start_fork_server())

    def _retire(self, server: ForkServerHandle) -> None:
        server.channel.send("retire")
        self._retired.append(server)

    def _concerns(self, files: frozenset[str], changed: Collection[str]) -> bool:
        return any(
            path in files or path == self._environment or path.startswith(self._models)
            for path in changed
        )
