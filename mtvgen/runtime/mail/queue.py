"""The queue of mails that are to leave: a thread sends them, so that no answer waits for it.

That a page which sends mail takes no longer than one that does not is a matter of security: the
time of "Forgotten your password?" would say who has an account.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage

from mtvgen.runtime.mail.delivery import deliver_and_log
from mtvgen.runtime.settings.mail_server import MailServer

MOST_WAITING = 100  # requests whose mails wait; a server that hangs must not fill the memory

logger = logging.getLogger("mtvgen")


class MailQueue:
    """Batches of messages, sent in their order; Python waits for them when the process ends."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mtvgen-mail")
        self._places = threading.BoundedSemaphore(MOST_WAITING)

    def restart_after_fork(self) -> None:
        """Begin again in a process that was forked: threads stay behind, and so does their work."""
        self._start()

    def finish(self) -> None:
        """Wait until all that was put in has left; nothing can be put in any more."""
        self._thread.shutdown()

    def put(self, server: MailServer, messages: Sequence[EmailMessage]) -> None:
        """Let messages be sent over one connection, soon."""
        if not self._places.acquire(blocking=False):
            logger.error("%d mails were not sent: too many are waiting already.", len(messages))
            return
        try:
            sending = self._thread.submit(deliver_and_log, server, messages)
        except RuntimeError:  # the process ends, and starts no thread any more
            self._places.release()
            deliver_and_log(server, messages)
        else:
            sending.add_done_callback(self._leave)

    def _leave(self, _: Future[None]) -> None:
        self._places.release()


queue = MailQueue()
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=queue.restart_after_fork)
