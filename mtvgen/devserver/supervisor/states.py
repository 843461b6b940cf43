"""The life of a worker: its states, what can happen to it, and what comes of that.

    STARTING --> LOADING --------> LOADED --> ACCEPTING --> STOPPING --> DRAINING --> GONE
                    |                ^            |            |            |
                    +--> ASKED ------+            +--> DIED    +--> OVERDUE +--> DISCARDED
                           |                     (replaced)    (killed)     (killed)
                           +--> ABORTED --> FAILED (another process shows why)

An edit moves the worker that accepts to STOPPING, and begins another one at STARTING. This file
knows nothing of processes, sockets and clocks; supervisor.py says what is done on entering a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto


class State(StrEnum):
    """The state of a worker, as far as the supervisor knows."""

    STARTING = auto()  # its process begins
    LOADING = auto()  # it imports the project
    ASKED = auto()  # it takes long, and is to say that its other threads still run
    ABORTED = auto()  # it did not say so: it is killed, and prints where it was
    LOADED = auto()  # it waits until no other one accepts
    ACCEPTING = auto()
    STOPPING = auto()  # it is to stop accepting
    OVERDUE = auto()  # it did not in time: it is killed, and may accept until it has ended
    DRAINING = auto()  # it finishes the requests that it has begun
    DISCARDED = auto()  # it is killed, and accepts nothing
    ENDING = auto()  # the server ends
    # From here on there is no process.
    GONE = auto()
    FAILED = auto()  # it ended while it imported the project
    DIED = auto()  # it ended while it accepted
    ORPHANED = auto()  # the process that it came from ended before it could accept


class Event(StrEnum):
    """An event in the life of a worker."""

    BEGUN = auto()  # it says that it begins to import the project
    LOADED = auto()  # it says that the project is imported, or why it can't be
    HANGS = auto()  # it says, when asked, that the project is still being imported
    STOPPED = auto()  # it says that it accepts no more
    ADMITTED = auto()  # no other worker accepts
    OUTDATED = auto()  # the project's code has changed
    LATE = auto()  # what it was to do took too long
    CROWDED = auto()  # too many are draining, and it is the oldest
    SHUT_DOWN = auto()  # the server ends
    UNHEARD = auto()  # the conversation with it has ended, and it is about to
    ENDED = auto()  # its process has
    LOST = auto()  # its process is out of reach, because the one that it came from has ended


_PENDING = {
    Event.OUTDATED: State.DISCARDED,
    Event.ENDED: State.FAILED,
    Event.LOST: State.ORPHANED,
}
_LEAVING = {Event.ENDED: State.GONE, Event.LOST: State.GONE}

# What is not in a row changes nothing: it comes too late to matter.
_ROWS: Mapping[State, Mapping[Event, State]] = {
    State.STARTING: {Event.BEGUN: State.LOADING, **_PENDING},
    State.LOADING: {Event.LOADED: State.LOADED, Event.LATE: State.ASKED, **_PENDING},
    State.ASKED: {
        Event.LOADED: State.LOADED,
        Event.HANGS: State.LOADED,
        Event.LATE: State.ABORTED,
        **_PENDING,
    },
    State.ABORTED: _PENDING,
    State.LOADED: {Event.ADMITTED: State.ACCEPTING, **_PENDING},
    State.ACCEPTING: {
        Event.OUTDATED: State.STOPPING,
        Event.ENDED: State.DIED,
        Event.LOST: State.DIED,
    },
    State.STOPPING: {Event.STOPPED: State.DRAINING, Event.LATE: State.OVERDUE, **_LEAVING},
    State.OVERDUE: _LEAVING,
    State.DRAINING: {
        Event.LATE: State.DISCARDED,
        Event.CROWDED: State.DISCARDED,
        **_LEAVING,
    },
    State.DISCARDED: _LEAVING,
    State.ENDING: {Event.UNHEARD: State.GONE, **_LEAVING},
}
TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    state: {Event.SHUT_DOWN: State.ENDING, **row} for state, row in _ROWS.items()
}

PENDING = frozenset({State.STARTING, State.LOADING, State.ASKED, State.ABORTED, State.LOADED})
AT_THE_GATE = frozenset({State.ACCEPTING, State.STOPPING, State.OVERDUE})  # one may be accepting
