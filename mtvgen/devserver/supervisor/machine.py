"""Start and end of a server's workers: the side of the supervisor that has processes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mtvgen.devserver.processes.channel import Channel, Message


@dataclass(frozen=True)
class Ended:
    """The end of a worker.

    Attributes:
        id: The number that the worker was started with.
        code: Its exit code, negative for a signal; None if nobody knows, because the process that
            would has ended as well.
    """

    id: int
    code: int | None


class Machine:
    """A way to have workers; one that keeps nothing ready needs the first four methods only.

    Attributes:
        max_deaths: How many workers in a row may end by themselves until the error is shown.
        turn_seconds: The longest wait, where a signal does not end one; None: until it is done.
        checks: Whether the checks can run next to the server.
    """

    max_deaths = 4
    turn_seconds: float | None = None
    checks = True

    def start(self, id: int, *, is_stand_in: bool) -> Channel:
        """Begin a worker.

        Args:
            id: What it is called from now on.
            is_stand_in: It imports nothing of the project.
        """
        raise NotImplementedError

    def kill(self, id: int) -> None:
        """End a worker."""
        raise NotImplementedError

    def abort(self, id: int) -> None:
        """End a worker, which prints where it was."""
        raise NotImplementedError

    def unheard(self, id: int) -> Iterable[Ended]:
        """Return the end of a worker whose conversation has ended, if it is known by now."""
        raise NotImplementedError

    def reap(self) -> Iterable[Ended]:
        """Return the workers whose processes have ended."""
        return ()

    def channels(self) -> Sequence[Channel]:
        """Return the conversations with processes that are not workers."""
        return ()

    def hear(self, channel: Channel, message: Message) -> Iterable[Ended]:
        """One of them said something: the workers whose end that is."""
        raise NotImplementedError

    def lose(self, channel: Channel) -> Iterable[Ended]:
        """One of them has ended: the workers that are lost with it."""
        raise NotImplementedError

    def replace_outdated(self, changed: Collection[str]) -> None:
        """Replace whatever holds these sources, which have changed."""

    def learn(self, names: Iterable[str], modules: Mapping[str, str]) -> None:
        """Learn what a worker had to import itself.

        Args:
            names: Modules of packages.
            modules: Those of the project, and the file of each.
        """

    def distrust(self, *, may_hold_again: bool) -> None:
        """A worker says that what was held is not what the project imports: do without it.

        Args:
            may_hold_again: It may be after the next edit.
        """

    def prepare(self, files: Collection[str]) -> None:
        """Nobody waits: make ready what the next worker will need.

        Args:
            files: The project's sources that the last worker had to compile itself.
        """
