"""One framework answering one workload, in a process of its own.

In its own process a framework meets only its own garbage, caches and settings, as in production,
and Django can be configured twice. The parent tells each when to run, so that rounds interleave:

    with Contestant("falcon_", "a") as falcon:
        microseconds = falcon.measure()
"""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.workloads import PIPELINE, WORKLOADS, Workload, WSGIApplication, verify

# A round is so many batches, and its figure is that of the middle one: a batch is short enough to
# fit between two interruptions, so that a busy machine leaves most of them alone.
BATCHES = 11
BATCH = 2_000_000  # nanoseconds; hundreds of requests
CHECKOUT = Path(__file__).parents[2]
MISSING = "missing: "
READY = "ready"


class NotInstalled(Exception):
    """The framework is not there; the message says what to install."""


class Contestant:
    """The parent's handle on the process."""

    def __init__(
        self, adapter: str, *workloads: str, seed: int = 0, checkout: Path = CHECKOUT
    ) -> None:
        """Start it; the first workload is what `measure()` times, and all are verified.

        The seed is that of Python's hashes: what lies where in memory makes a few per cent.
        Another checkout's contestant runs that checkout's own copy of this file, with its own
        adapter and its own mtvgen: import paths may differ, what is said on the pipe does not.
        """
        self.name = " ".join([adapter, *workloads])
        script = checkout / "tests" / "benchmarks" / "contestant.py"
        self._process = subprocess.Popen(
            [sys.executable, str(script), adapter, *workloads],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
        )

    def wait(self) -> None:
        """Return when the application is built, its answer verified and its caches are warm.

        Raises:
            NotInstalled: The framework can not be imported.
            RuntimeError: The process ended; its traceback is on stderr.
        """
        line = self._line()
        if line.startswith(MISSING):
            raise NotInstalled(line.removeprefix(MISSING))

    def measure(self) -> float:
        """Microseconds a request, in the middle batch of one round."""
        print("round", file=self._stdin, flush=True)
        return float(self._line())

    def close(self) -> None:
        """End the process."""
        self._stdin.close()
        self._process.wait()
        self._stdout.close()

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout

    def _line(self) -> str:
        line: str = self._stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self._process.wait()}")
        return line


def build(adapter: str, workload: Workload) -> WSGIApplication:
    """The adapter's application for this workload, not yet called."""
    module = importlib.import_module(f"tests.benchmarks.adapters.{adapter}")
    make = getattr(module, workload.application)
    application: WSGIApplication = make() if workload.size is None else make(workload.size)
    return application


def serve(application: WSGIApplication, workload: Workload, count: int) -> int:
    """Nanoseconds for `count` requests, each from a new environ to the closed body."""
    request = workload.request()
    sent = workload.body
    start = time.perf_counter_ns()
    for _ in range(count):
        environ = request.copy()
        environ["wsgi.input"] = BytesIO(sent)
        answer = application(environ, start_response)
        for _chunk in answer:
            pass
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    return time.perf_counter_ns() - start


def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    """What a server offers: nothing is kept, PEP 3333's `write` comes back."""
    return _write


def _write(data: bytes) -> None:
    pass


def main(adapter: str, *keys: str) -> None:
    workload, *others = [(WORKLOADS | PIPELINE)[key] for key in keys]
    try:
        application = build(adapter, workload)
    except ImportError as error:
        print(f"{MISSING}{error}", flush=True)
        return
    for asked in (workload, *others):
        verify(application, asked)
    count = _requests_in(BATCH, application, workload)
    print(READY, flush=True)
    for _ in sys.stdin:
        gc.collect()
        taken = median(serve(application, workload, count) for _ in range(BATCHES))
        print(taken / count / 1000, flush=True)


def _requests_in(duration: int, application: WSGIApplication, workload: Workload) -> int:
    """How many requests fill a batch; finding out is the warm-up."""
    serve(application, workload, 10)
    count = 1
    while (taken := serve(application, workload, count)) < 4 * duration:
        count *= 2
    return max(1, round(count * duration / taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
