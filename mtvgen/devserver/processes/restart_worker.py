"""A worker that was started by the restart loop, and keeps its pages' event streams itself."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.parent_death import leave_signals_to_the_supervisor
from mtvgen.devserver.processes.site import Site, read_sources


class StreamingWorker(worker.Worker):
    """A worker where no other process can take a connection over.

    Its streams end with it, and the browser asks for another one; a page that is older than the
    answer reloads itself.
    """

    def __init__(self, channel: Channel, site: Site) -> None:
        super().__init__(channel, site)
        self._streams = EventStreams()
        self._streams_lock = threading.Lock()

    def _obey(self, message: Message) -> None:
        if message["do"] == "stop":  # a page that reloads shall find the next process
            self._stop_accepting()
            self._tell_pages(message)
            super()._obey(message)
        else:
            super()._obey(message)
            self._tell_pages(message)

    def _tell_pages(self, message: Message) -> None:
        with self._streams_lock:
            self._streams.generation = message.get("generation", self._streams.generation)
            if "event" in message:
                self._streams.tell(message["event"])

    def _give_stream(self, client: socket.socket) -> None:
        """Keep an event stream (in its connection's thread)."""
        with self._streams_lock:
            for page in self._streams:  # those that have gone meanwhile
                self._streams.hear(page)
            self._streams.add(client.detach())


def begin(channel: int, listener: int) -> None:
    """Be a worker.

    Args:
        channel: The inherited end of a conversation with the supervisor.
        listener: The inherited listening socket.
    """
    leave_signals_to_the_supervisor()
    ends = socket.socket(fileno=channel), socket.socket(fileno=listener)
    for end in ends:
        end.set_inheritable(False)  # to the programs that a view starts
    supervisor = Channel(ends[0])
    order = _first_message(supervisor)
    site = Site(Path(order["root"]), ends[1], all_frames=order["all_frames"])
    read_sources(site.root)
    worker.run(
        supervisor,
        site,
        order["because"],
        order["error"],
        is_first=order["is_first"],
        worker_class=StreamingWorker,
    )


def _first_message(supervisor: Channel) -> Message:
    while supervisor.open:
        for message in supervisor.receive():
            return message
    sys.exit(0)  # it was ended before it could say anything


if __name__ == "__main__":
    begin(int(sys.argv[1]), int(sys.argv[2]))
