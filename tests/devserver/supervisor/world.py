"""A supervisor among processes that exist only as the channels to them, and a clock of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes.channel import Channel
from mtvgen.devserver.processes.launch import LaunchError
from mtvgen.devserver.supervisor.fork_machine import ForkMachine
from mtvgen.devserver.supervisor.supervisor import Supervisor, Worker

ROOT = Path("/site")
NO_PYTHON = -1  # the stamp of packages without one
LOADED = {"do": "loaded", "error": "", "about": "1 route", "names": [], "modules": {}, "files": []}


class Recorded(Channel):
    """A channel into nothing, which keeps what was sent."""

    def __init__(self) -> None:
        self.open = True
        self.sent: list[str] = []
        self.values: list[dict[str, Any]] = []

    def send(self, do: str, *, descriptor: int | None = None, **values: Any) -> None:
        self.sent.append(do)
        self.values.append(values)

    def orders(self, do: str) -> list[dict[str, Any]]:
        return [values for sent, values in zip(self.sent, self.values, strict=True) if sent == do]

    def close(self) -> None:
        self.open = False


class Processes:
    """Processes that exist only as the channels to them, and what was said about them."""

    root = ROOT

    def __init__(self) -> None:
        self.fork_servers: list[Recorded] = []
        self.forked: list[Recorded] = []
        self.killed: list[tuple[int, int]] = []
        self.told: list[str] = []
        self.stamp = 0

    def start_fork_server(self) -> Channel:
        if self.stamp == NO_PYTHON:
            raise LaunchError("no Python here")
        self.fork_servers.append(Recorded())
        return self.fork_servers[-1]

    def new_channel(self) -> tuple[Channel, int]:
        self.forked.append(Recorded())
        return self.forked[-1], os.open(os.devnull, os.O_RDONLY)

    def packages_stamp(self) -> object:
        return self.stamp

    def kill(self, pid: int, number: int) -> None:
        self.killed.append((pid, number))

    def started(self, about: str, error: str) -> None:
        self.told.append(f"started {error}".strip())

    def reloaded(self, because: Sequence[str], seconds: float, error: str) -> None:
        self.told.append(f"reloaded {', '.join(because)} {error}".strip())

    def died(self, code: int | None) -> None:
        self.told.append(f"died {code}")


class World:
    """A supervisor, and every process that it believes in."""

    def __init__(self) -> None:
        self.machine = Processes()
        self.streams = EventStreams()
        self.pages: list[socket.socket] = []
        self.now = 0.0
        forks = ForkMachine(self.machine)
        self.supervisor = Supervisor(forks, self.machine, self.streams, self.now)
        self.fork()

    def fork(self) -> int:
        """The fork server reports the newest fork, whose pid is its number, and it begins."""
        number = max(worker.id for worker in self.supervisor.workers())
        self.from_fork_server({"do": "forked", "id": number, "pid": number})
        self.says(number, "begun")
        return number

    def from_fork_server(self, message: dict[str, Any]) -> None:
        self.hear(self.machine.fork_servers[-1], message)

    def says(self, pid: int, do: str, **values: Any) -> None:
        worker = self.worker(pid)
        self.hear(worker.channel, {**(LOADED if do == "loaded" else {"do": do}), **values})

    def worker(self, pid: int) -> Worker:
        return next(worker for worker in self.supervisor.workers() if worker.id == pid)

    def hear(self, channel: Channel, message: dict[str, Any]) -> None:
        self.supervisor.hear(self.now, channel, message)

    def edit(self, *paths: str) -> int:
        self.supervisor.change(self.now, paths or ["/site/views/home.py"], pages=False, style=False)
        return self.fork()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.tick(self.now)

    def exits(self, pid: int, code: int) -> None:
        self.from_fork_server({"do": "exit", "pid": pid, "code": code})

    def open_page(self) -> socket.socket:
        """A page of worker 1 that listens: what a browser would hear."""
        page, stream = socket.socketpair()
        self.pages.append(page)
        page.setblocking(False)
        self.says(1, "stream", descriptor=stream.detach())
        assert events_of(page) == ["hello"]
        return page

    def sent_to(self, pid: int) -> list[str]:
        """What the supervisor said to a worker since it began."""
        channel = self.worker(pid).channel
        assert isinstance(channel, Recorded)
        assert channel.sent[0] == "begin"
        return channel.sent[1:]

    def orders(self) -> list[dict[str, Any]]:
        """What each worker was told at its beginning."""
        return [order for channel in self.machine.forked for order in channel.orders("begin")]

    def states(self) -> dict[int, str]:
        return {worker.id: worker.state for worker in self.supervisor.workers()}


def events_of(page: socket.socket) -> list[str]:
    """The events that have arrived at a page since the last look."""
    try:
        text = page.recv(65536).decode()
    except BlockingIOError:
        return []
    return [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event")]
