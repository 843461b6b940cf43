"""The processes that workers are forked from: when they are made, what they hold, when they go.

A holder that is replaced stays until the last worker that it forked has gone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.errors import MtvgenError

MAX_STILLBORN = 3  # zygotes in a row that ended without a word
LAYER_ID = 0  # in the conversation about forks, where workers count from 1


class Forge(Protocol):
    """What the holders need from the world."""

    def start_zygote(self) -> Channel:
        """Start a process that forks others."""

    def conversation(self) -> tuple[Channel, int]:
        """A channel, and the descriptor of its other end for a process that is to be forked."""

    def packages_stamp(self) -> object:
        """What changes when a package is installed."""


@dataclass(eq=False)
class Holder:
    """A zygote or a layer.

    Attributes:
        names: The modules that it was told to import.
        files: The project's files that it has imported; empty while it is still at it.
        ready: It has done so, and may be forked from.
        spoke: It has said something, so it works.
    """

    channel: Channel
    names: set[str] = field(default_factory=set)
    files: frozenset[str] = frozenset()
    ready: bool = True
    spoke: bool = False


class ZygoteError(MtvgenError):
    """No process of the server can be started."""


class Holders:
    """The zygote, the layer above it, and those that were replaced.

    Args:
        forge: Starts processes.
        root: The project's directory.
    """

    def __init__(self, forge: Forge, root: Path) -> None:
        self._forge = forge
        self._models = str(root / "models")
        self._environment = str(root / ".env")
        self._stamp = forge.packages_stamp()
        self._zygote = Holder(forge.start_zygote())
        self._layer: Holder | None = None
        self._retired: list[Holder] = []
        self._learned: dict[str, None] = {}
        self._denied: set[str] = set()
        self._refused: frozenset[str] | None = None
        self._stillborn = 0

    def __iter__(self) -> Iterator[Holder]:
        return iter([h for h in (self._zygote, self._layer, *self._retired) if h is not None])

    def fork(
        self, id: int, because: Sequence[str] = (), error: str | None = None
    ) -> tuple[Holder, Channel]:
        """Begin a worker; with `error` one that shows it and imports nothing of the project."""
        holder = self._layer if self._layer and self._layer.ready and not error else self._zygote
        return holder, self._order(holder, "fork", id=id, because=because, error=error)

    def let_go(self, changed: Collection[str]) -> None:
        """Replace what holds a file that changed, and everything after an installation."""
        if self._layer is not None and self._concerns(self._layer.files, changed):
            self._retire(self._layer)
            self._layer = None
        if self._refused is not None and self._concerns(self._refused, changed):
            self._refused = None
        stamp = self._forge.packages_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._replace_zygote()

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
            if name not in self._zygote.names and name not in self._denied
        ]
        self._zygote.channel.send("warm", files=list(files))
        if names:
            self._zygote.names.update(names)
            self._zygote.channel.send("preload", names=names)
            if self._layer is not None:  # it was forked before the zygote had them
                self._retire(self._layer)
                self._layer = None
        if self._layer is not None:
            self._layer.channel.send("warm", files=list(files))
        elif self._refused is None:
            self._begin_layer()

    def hear(self, holder: Holder, message: Message) -> None:
        """A holder reports what it holds, or what it has forked."""
        holder.spoke = True
        if message["do"] == "preloaded" and message["culprit"]:
            # A thread cannot be forked: the next zygote does without this module.
            self._denied.add(message["culprit"])
            self._replace_zygote()
        elif message["do"] == "held" and holder is self._layer:
            holder.files, holder.ready = frozenset(message["files"]), not message["reason"]
            if message["reason"]:
                self._refused, self._layer = holder.files, None
                self._retired.append(holder)

    def lose(self, holder: Holder) -> bool:
        """A holder has gone; True if it was the zygote, on which everything stands."""
        if holder is self._layer:
            self._layer = None
        elif holder is self._zygote:
            for other in self:
                other.channel.close()
            self._layer, self._retired = None, []
            self._stillborn = 0 if holder.spoke else self._stillborn + 1
            if self._stillborn == MAX_STILLBORN:
                raise ZygoteError("the server's processes end as soon as they begin; see above.")
            self._zygote = Holder(self._forge.start_zygote())
            return True
        else:
            self._retired = [each for each in self._retired if each is not holder]
        return False

    def _begin_layer(self) -> None:
        self._layer = Holder(self._order(self._zygote, "layer", id=LAYER_ID), ready=False)

    def _order(self, holder: Holder, do: str, **values: Any) -> Channel:
        channel, other_end = self._forge.conversation()
        holder.channel.send(do, descriptor=other_end, **values)
        os.close(other_end)
        return channel

    def _replace_zygote(self) -> None:
        for holder in (self._layer, self._zygote):
            if holder is not None:
                self._retire(holder)
        self._layer, self._refused = None, None
        self._zygote = Holder(self._forge.start_zygote())

    def _retire(self, holder: Holder) -> None:
        holder.channel.send("retire")
        self._retired.append(holder)

    def _concerns(self, files: frozenset[str], changed: Collection[str]) -> bool:
        return any(
            path in files or path == self._environment or path.startswith(self._models)
            for path in changed
        )
