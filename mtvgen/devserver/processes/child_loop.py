"""The loop of a process that starts others as the supervisor says, and reports how they end."""

from __future__ import annotations

import os
import select
import signal
from abc import ABC, abstractmethod

from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.exit import end_process


class ChildLoop(ABC):
    """A fork server, a models server or a spawn server.

    Args:
        channel: To the supervisor; its end ends the process.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._children: set[int] = set()
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

    @abstractmethod
    def _obey(self, message: Message) -> None:
        """Do what one message says."""

    def _register(self, message: Message, child: int) -> None:
        """Remember a child that a message asked for, and report it."""
        os.close(message["descriptor"])
        self._children.add(child)
        self._channel.send("forked", id=message["id"], pid=child)

    def _reap(self) -> None:
        for child in list(self._children):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                self._children.discard(child)
                code = os.waitstatus_to_exitcode(status)
                self._channel.send("exit", pid=child, code=code)
