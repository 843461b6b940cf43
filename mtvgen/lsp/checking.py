"""When each project is checked: soon after a key, between keys, and once more when typing rests."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from mtvgen.lsp.garbage import Garbage
from mtvgen.lsp.protocol.log import log_exception
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.projects import Projects

CHECK_SECONDS = 0.05  # without an edit, before the checks run
FIRST_SECONDS = 3.0  # that the first import may take before the checks run without it
REST_SECONDS = 0.3  # without an edit, before a half-typed text is called a mistake
_AHEAD_SECONDS = 0.005  # of reading ahead, before the loop looks whether there is something to do
_LOOK_SECONDS = 0.002  # of a run, between two looks whether the client has said something
_MOST_INTERRUPTIONS = 5  # of one run; the next one is finished


class Interrupted(BaseException):
    """Ends a run of the checks, because the client has said something."""


class Checking:
    """Runs the checks of projects when they are due.

    Args:
        projects: The projects.
        has_input: Whether the client has said something, which goes first.
        stop_if_cancelled: Ends what is done for a request that was taken back.
        show: Shows what is known of a project.
        garbage: Is collected between two steps.
    """

    def __init__(
        self,
        projects: Projects,
        has_input: Callable[[], bool],
        stop_if_cancelled: Callable[[], None],
        show: Callable[[Engine], None],
        garbage: Garbage,
    ) -> None:
        self._projects = projects
        self._has_input = has_input
        self._stop_if_cancelled = stop_if_cancelled
        self._show = show
        self._garbage = garbage
        # When to do what: check a project, call its half-typed texts mistakes.
        self._check_at: dict[Engine, float] = {}
        self._rest_at: dict[Engine, float] = {}
        self._interruptions = 0
        self._look_at = 0.0
        self._has_more_ahead = False

    def begin(self) -> None:
        """Begin to check the projects that were found since the last time."""
        for engine in self._projects:
            if engine.cache.sources is None:
                engine.begin()
                self._has_more_ahead = True
                self.schedule(engine, delay=FIRST_SECONDS)

    def end(self, engine: Engine) -> None:
        """End the checks of a project, and show nothing of it any more."""
        engine.stop()
        engine.problems = ()
        self._check_at.pop(engine, None)
        self._rest_at.pop(engine, None)
        self._show(engine)

    def next_at(self) -> float:
        """Return when there is something to do, by the clock of `time.monotonic()`."""
        if self._has_more_ahead:
            return 0
        deadlines = [*self._check_at.values(), *self._rest_at.values()]
        deadlines += [engine.loading.deadline for engine in self._projects if engine.loading]
        return min(deadlines, default=float("inf"))

    def do_what_is_due(self) -> None:
        """Do what is due by now."""
        self._read_ahead()
        now = time.monotonic()
        for engine in self._projects:
            if engine.loading is not None and engine.loading.deadline <= now:
                engine.give_up_import()
                self.schedule(engine, delay=0)
        for engine, at in list(self._check_at.items()):
            if at <= now:
                self._check(engine, at_rest=False)
        for engine, at in list(self._rest_at.items()):
            if at > now or engine in self._check_at:
                continue
            if not engine.is_settled:
                self._check(engine, at_rest=True)
            elif not self._has_input():
                self._prepare(engine)

    def _read_ahead(self) -> None:
        """Do a little of what the first run will need, while it waits for the import."""
        self._has_more_ahead = False
        for engine in self._projects:
            try:
                self._has_more_ahead |= engine.read_ahead(_AHEAD_SECONDS)
            except Exception:  # the run says it where it can
                log_exception()
            self._garbage.collect_new()

    def _prepare(self, engine: Engine) -> None:
        try:
            self._safely(partial(engine.prepare, self._give_way))
        except Interrupted:
            return  # it is still due
        self._rest_at.pop(engine)

    def _give_way(self) -> None:
        self._garbage.collect_new()
        if self._has_input():
            raise Interrupted

    def schedule(self, engine: Engine, *, delay: float = CHECK_SECONDS) -> None:
        """Have a project checked.

        Args:
            engine: The project.
            delay: For how long nothing is to happen first, in seconds.
        """
        now = time.monotonic()
        is_first = engine.loading is not None and not engine.has_facts
        self._check_at[engine] = now + (FIRST_SECONDS if is_first else delay)
        self._rest_at[engine] = now + max(delay, REST_SECONDS)

    def _check(self, engine: Engine, *, at_rest: bool) -> None:
        """Check a project, and show what is found, unless the client says something first."""
        try:
            engine.check(self._listen, at_rest=at_rest, show=partial(self._show_first, engine))
        except Interrupted:
            # What follows a preview may be put off for as long as somebody types.
            self._interruptions = 0 if engine.is_previewed else self._interruptions + 1
            return  # it is still due
        except Exception:
            log_exception()
            engine.is_settled = True
        self._interruptions = 0
        self._check_at.pop(engine, None)
        self._safely(partial(self._show, engine))

    def _show_first(self, engine: Engine) -> None:
        """Show what is known of the open files; the rest gives way to the client again."""
        self._interruptions = 0
        self._safely(partial(self._show, engine))

    def _safely(self, action: Callable[[], None]) -> None:
        """Do something that nobody has asked for; a bug of ours in it is logged, no more."""
        try:
            action()
        except Exception:
            log_exception()

    def check_now(self, engine: Engine) -> None:
        """Check a project at once, if it was changed since the last time."""
        if engine in self._check_at:
            engine.check(self._stop_if_cancelled)

    def _listen(self) -> None:
        """Give way to the client, between two steps of a run."""
        now = time.monotonic()
        if now < self._look_at:
            return  # a run has thousands of steps, and to look costs as much as one
        self._look_at = now + _LOOK_SECONDS
        self._garbage.collect_new()
        if self._interruptions < _MOST_INTERRUPTIONS and self._has_input():
            raise Interrupted
