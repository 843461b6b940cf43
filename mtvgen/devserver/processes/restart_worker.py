"""A worker that is executed, and keeps its pages' event streams itself."""

from __future__ import annotations

import socket
import sys
import threading

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.programs import ProcessArguments
from mtvgen.devserver.processes.site import Site
from mtvgen.devserver.processes.spawn_worker import begin


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


if __name__ == "__main__":
    # It ends with the supervisor because their conversation does: the kernel tells nothing where a
    # launcher of Windows is between the two.
    begin(ProcessArguments.from_json(sys.argv[1]), StreamingWorker)
