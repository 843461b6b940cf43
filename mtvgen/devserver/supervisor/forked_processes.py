"""Fork servers and the workers that come from them, as the supervisor knows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mtvgen.devserver.processes.channel import Channel


@dataclass(eq=False)
class ForkedWorker:
    """A worker that was ordered.

    Attributes:
        pid: Its process, once the fork server has reported it.
        signal: What to send it then.
    """

    channel: Channel
    server: ForkServerHandle
    pid: int | None = None
    signal: int | None = None


@dataclass(eq=False)
class ForkServerHandle:
    """A fork server or a models server, as the supervisor knows it.

    Attributes:
        names: The modules that it was asked to import.
        files: The project's files that it has imported with the models; empty while it is still at
            it.
        holds_modules: It also holds modules of the project that an edit does not replace.
        changed: The project's files that have changed since it was asked to hold them.
        ready: It has done so, and may be forked from.
        has_spoken: It has said something, so it works.
        spare: A worker forked from it that waits for the next edit.
    """

    channel: Channel
    names: set[str] = field(default_factory=set)
    files: frozenset[str] = frozenset()
    holds_modules: bool = False
    changed: set[str] = field(default_factory=set)
    ready: bool = True
    has_spoken: bool = False
    spare: ForkedWorker | None = None
