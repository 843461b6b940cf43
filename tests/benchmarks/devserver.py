"""The development server beside its peers: start, edits, requests a second, memory, idle work.

    python tests/benchmarks/devserver.py                          everything, about six minutes
    python tests/benchmarks/devserver.py --only mtvgen,flask      some frameworks
    python tests/benchmarks/devserver.py --measure start,edits    some of what MEASURES names
    python tests/benchmarks/devserver.py --json out.json          keep every figure

The file of `--json` keeps what it holds of other measures, so that they can be taken one by one.
An edit is written the moment the one before is seen. It is lost if it is not seen within five
seconds. Requests a second need `wrk` (Debian: apt install wrk); memory and idle work need /proc.
The peers come from the `bench` extra: pip install -e ".[bench]". Exit code 1: a promise is broken.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.served_sites import GENERATED, HOST, MARK, SITES, WITH, WITHOUT, Site
from tests.benchmarks.timing import interleaved, machine, table

EDITS = 20
LOST_AFTER = 5.0  # seconds
STARTS_WITHIN = 20.0  # seconds
RESTS_AFTER = 20.0  # seconds; what mtvgen keeps to check the next edit, it keeps for ten
CONNECTIONS = (1, 16, 64)
IDLE_SECONDS = 10
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.9",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Cookie": "theme=dark; session=0123456789abcdef0123456789abcdef",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Upgrade-Insecure-Requests": "1",
}
FIGURES = [
    "start ms",
    "edit ms",
    "slowest",
    "lost",
    "refused",
    "wrong",
    *(f"req/s at {n}" for n in CONNECTIONS),
    *(f"p99 ms at {n}" for n in CONNECTIONS),
    "memory MB",
    "idle %",
]
# (site, figure) -> at most; of (site, figure, framework, factor): at most so many times theirs.
AT_MOST = {
    (WITHOUT, "edit ms"): 45,
    (GENERATED, "edit ms"): 60,
    (WITH, "edit ms"): 60,
    (WITHOUT, "p99 ms at 16"): 25,
    (WITHOUT, "memory MB"): 50,
    (GENERATED, "memory MB"): 70,
    (WITHOUT, "idle %"): 0.5,
    **{(site, key): 0 for site in (WITHOUT, GENERATED, WITH) for key in ("lost", "refused")},
}
AT_LEAST = {(WITHOUT, "req/s at 16"): 7_000}
OF_FLASK = {
    (WITHOUT, "start ms"): 0.6,
    (GENERATED, "start ms"): 0.6,
    (WITH, "start ms"): 0.7,
}

Figures = dict[str, float]
Measured = dict[tuple[str, str], Figures]
Places = list[tuple[Site, Path]]
Taken = Iterator[tuple[Site, Figures]]


def main() -> int:
    """Measure, print, and say by the exit code whether every promise holds."""
    options = parse_options()
    # A shell that starts this in the background has it ignore Ctrl-C, and what it starts inherits
    # that: Bottle's reloader, which interrupts itself, would never reload.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    measured = measure(options)
    facts = machine(["mtvgen", "flask", "django", "bottle", "watchfiles", "sqlalchemy"])
    print(facts)
    print(table(["", *shown(measured)], rows(measured)))
    if options.json:
        keep(options.json, facts, measured)
    promises = list(judged(measured))
    print("\n".join(line for _, line in promises))
    return 0 if all(holds for holds, _ in promises) else 1


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", type=names, help="frameworks, separated by commas")
    parser.add_argument("--measure", type=names, default=[*MEASURES], help=", ".join(MEASURES))
    parser.add_argument("--rounds", type=int, default=9, help="starts; the median counts")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if unknown := set(options.measure) - MEASURES.keys():
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}")
    return options


def names(text: str) -> list[str]:
    return text.lower().split(",")


def measure(options: argparse.Namespace) -> Measured:
    """All figures that were asked for."""
    with tempfile.TemporaryDirectory() as directory:
        places = list(made(Path(directory), options.only))
        measured: Measured = {(site.framework, site.name): {} for site, _ in places}
        for name in options.measure:
            for site, figures in MEASURES[name](places, options.rounds):
                measured[site.framework, site.name].update(figures)
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {key: figures for key, figures in measured.items() if figures}


def made(directory: Path, only: list[str] | None) -> Iterator[tuple[Site, Path]]:
    """The sites whose framework is wanted and installed, each in a directory of its own."""
    for number, site in enumerate(SITES):
        framework = site.framework.lower()
        if (only is None or framework in only) and importlib.util.find_spec(framework):
            root = directory / str(number) / "mysite"
            root.mkdir(parents=True)
            site.make(root)
            yield site, root


def keep(file: Path, facts: dict[str, object], measured: Measured) -> None:
    """Add the figures to those in the file."""
    sites = json.loads(file.read_text("utf-8"))["sites"] if file.exists() else {}
    for (framework, name), figures in measured.items():
        sites.setdefault(f"{framework} / {name}", {}).update(figures)
    document = {"machine": facts, "sites": sites}
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def starts(places: Places, rounds: int) -> Taken:
    """From the command to the first answer; the sites take turns."""

    def contestant(site: Site, root: Path) -> Callable[[], float]:
        return lambda: start_once(site, root)

    taken = interleaved({str(root): contestant(site, root) for site, root in places}, rounds)
    for site, root in places:
        yield site, {"start ms": median(taken[str(root)])}


def edits(places: Places, rounds: int) -> Taken:
    """How long each of 20 edits takes until it is seen, and what went wrong meanwhile."""
    for site, root in places:
        with serving(site, root) as (port, _):
            yield site, edit(site, root, port)


def loads(places: Places, rounds: int) -> Taken:
    """Requests a second, and the 99th percentile, for a text page without a database."""
    for site, root in places:
        if site.name == WITHOUT:
            with serving(site, root) as (port, _):
                yield site, load(port)


def rests(places: Places, rounds: int) -> Taken:
    """Memory (PSS) of each process tree, and the share of a processor that it takes when idle."""
    with ExitStack() as stack:
        trees = []
        for site, root in places:
            _, process = stack.enter_context(serving(site, root))
            trees.append((site, process))
        time.sleep(RESTS_AFTER)
        before = {each: ticks(each) for _, process in trees for each in family(process)}
        time.sleep(IDLE_SECONDS)
        for site, process in trees:
            tree = family(process)
            spent = sum(ticks(each) - before.get(each, 0) for each in tree)
            per_second = spent / os.sysconf("SC_CLK_TCK") / IDLE_SECONDS
            memory = sum(map(proportional_kilobytes, tree)) / 1024
            yield site, {"memory MB": memory, "idle %": per_second * 100}


MEASURES: dict[str, Callable[[Places, int], Taken]] = {
    "start": starts,
    "edits": edits,
    "load": loads,
    "rest": rests,
}


def start_once(site: Site, root: Path) -> float:
    begun = time.perf_counter()
    with serving(site, root):
        return (time.perf_counter() - begun) * 1000


@contextmanager
def serving(site: Site, root: Path) -> Iterator[tuple[int, int]]:
    """The site served from a process group of its own, from its first answer on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [part.format(port=port) for part in site.command]
    with (root / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=root, stdout=log, stderr=log, start_new_session=True
        )
        try:
            if not has_answered(port, process):
                end_of_log = (root / "server.log").read_text()[-2000:]
                sys.exit(f"{site.framework}, {site.name} does not answer:\n{end_of_log}")
            yield port, process.pid
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def has_answered(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            status, _ = get(port)
            if status == 200:
                return True
        time.sleep(0.002)
    return False


def get(port: int, path: str = "/") -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=LOST_AFTER)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def edit(site: Site, root: Path, port: int) -> Figures:
    """How long each of the edits takes until it is seen, and what went wrong meanwhile."""
    time.sleep(1.5)  # what a person does first: look at the page
    file = root / site.edited
    original = file.read_text(encoding="utf-8")
    seen: list[float] = []
    lost = refused = wrong = 0
    for number in range(1, EDITS + 1):
        mark = f"mark-{number}"
        file.write_text(original.replace(MARK, mark), encoding="utf-8")
        begun = time.perf_counter()
        while (waited := time.perf_counter() - begun) < LOST_AFTER:
            try:
                status, page = get(port)
            except (OSError, http.client.HTTPException):
                refused += 1
                continue
            wrong += status != 200
            if mark in page:
                seen.append((time.perf_counter() - begun) * 1000)
                break
            time.sleep(0.001)
        lost += waited >= LOST_AFTER
    file.write_text(original, encoding="utf-8")
    return {
        "edit ms": median(seen) if seen else float("inf"),
        "slowest": max(seen, default=float("inf")),
        "lost": lost,
        "refused": refused,
        "wrong": wrong,
    }


def load(port: int) -> Figures:
    """Requests a second for a text page and the 99th percentile, at some numbers of connections."""
    figures: Figures = {}
    if shutil.which("wrk") is None:
        return figures
    headers = [part for name, value in BROWSER.items() for part in ("-H", f"{name}: {value}")]
    for connections in CONNECTIONS:
        command = ["wrk", "-t1", f"-c{connections}", "-d5s", "--latency", *headers]
        done = subprocess.run(
            [*command, f"http://{HOST}:{port}/plain"], capture_output=True, text=True, check=True
        )
        figures[f"req/s at {connections}"] = float(found(r"Requests/sec:\s+([\d.]+)", done.stdout))
        slowest = found(r"(?m)^ +99% +(\S+)$", done.stdout)
        figures[f"p99 ms at {connections}"] = milliseconds(slowest)
    return figures


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "nan"


def milliseconds(text: str) -> float:
    units = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}
    unit = next((unit for unit in units if text.endswith(unit)), None)
    return float(text.removesuffix(unit)) * units[unit] if unit else float("nan")


def family(process: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    tree = [process]
    for each in tree:
        tree += children.get(each, [])
    return tree


def ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def proportional_kilobytes(process: int) -> int:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(found(r"(?m)^Pss:\s+(\d+)", text))


def shown(measured: dict[tuple[str, str], Figures]) -> list[str]:
    return [figure for figure in FIGURES if any(figure in each for each in measured.values())]


def rows(measured: dict[tuple[str, str], Figures]) -> Iterator[list[str]]:
    for (framework, name), figures in measured.items():
        cells = [cell(figures.get(figure)) for figure in shown(measured)]
        yield [f"{framework}, {name}", *cells]


def cell(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "" if value is None else "-"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def judged(measured: Measured) -> Iterator[tuple[bool, str]]:
    """Each promise whose figures were taken: whether it holds, and a line that says so."""
    limits: list[tuple[str, str, float, str]] = [
        *((site, key, limit, "at most") for (site, key), limit in AT_MOST.items()),
        *((site, key, limit, "at least") for (site, key), limit in AT_LEAST.items()),
    ]
    for (site, key), factor in OF_FLASK.items():
        flask = measured.get(("Flask", site), {}).get(key)
        if flask is not None:
            limits.append((site, key, flask * factor, f"at most {factor} of Flask's:"))
    for site, key, limit, bound in limits:
        value = measured.get(("mtvgen", site), {}).get(key)
        if value is not None:
            holds = value >= limit if bound == "at least" else value <= limit
            says = f"{site}: {key} {cell(value)}, {bound} {cell(limit)}"
            yield holds, f"{'holds' if holds else 'DOES NOT HOLD'}: {says}"


if __name__ == "__main__":
    sys.exit(main())
