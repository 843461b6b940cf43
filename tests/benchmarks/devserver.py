"""The development server beside its peers: start, edits, requests a second, memory, idle work.

    python tests/benchmarks/devserver.py                    everything, about five minutes
    python tests/benchmarks/devserver.py --only mtvgen      one framework
    python tests/benchmarks/devserver.py --measure edits    one measure: edits, load or rest
    python tests/benchmarks/devserver.py --json out.json    keep every figure

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
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from served_sites import GENERATED, HOST, MARK, SITES, WITH, WITHOUT, Site
from timing import machine, table

EDITS = 20
LOST_AFTER = 5.0  # seconds
STARTS_WITHIN = 20.0  # seconds
SETTLES_WITHIN = 5.0  # seconds without a new process, after a server's first answer
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
    (WITHOUT, "idle %"): 0.5,
    **{(site, key): 0 for site in (WITHOUT, GENERATED, WITH) for key in ("lost", "refused")},
}
AT_LEAST = {(WITHOUT, "req/s at 16"): 7_000}
OF_FLASK = {(WITHOUT, "start ms"): 0.6, (WITH, "start ms"): 0.7}

Figures = dict[str, float]


def main() -> int:
    """Measure, print, and say by the exit code whether every promise holds."""
    options = parse_options()
    # A shell that starts this in the background has it ignore Ctrl-C, and what it starts inherits
    # that: Bottle's reloader, which interrupts itself, would never reload.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    measured: dict[tuple[str, str], Figures] = {}
    for site in SITES:
        wanted = not options.only or site.framework.lower() in options.only.lower().split(",")
        if wanted and importlib.util.find_spec(site.framework.lower()):
            measured[site.framework, site.name] = measure(site, options.measure, options.rounds)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    facts = machine(["mtvgen", "flask", "django", "bottle", "watchfiles", "sqlalchemy"])
    print(facts)
    print(table(["", *shown(measured)], rows(measured)))
    if options.json:
        sites = {" / ".join(key): figures for key, figures in measured.items()}
        document = {"machine": facts, "sites": sites}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    broken = list(broken_promises(measured))
    print("\n".join(broken) if broken else "Every promise that was measured holds.")
    return 1 if broken else 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", help="frameworks, separated by commas")
    parser.add_argument("--measure", choices=["edits", "load", "rest"])
    parser.add_argument("--rounds", type=int, default=5, help="starts; the median counts")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def measure(site: Site, only: str | None, rounds: int) -> Figures:
    """All figures of one site."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "mysite"
        root.mkdir()
        site.make(root)
        if only in (None, "edits"):
            figures["start ms"] = median([start_once(site, root) for _ in range(rounds)])
        with serving(site, root) as (port, process):
            if only in (None, "rest"):
                figures.update(at_rest(process))
            if only in (None, "edits"):
                figures.update(edit(site, root, port))
            if only in (None, "load") and site.name == WITHOUT:
                figures.update(load(port))
    return figures


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


def get(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=LOST_AFTER)
    try:
        connection.request("GET", "/")
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
        figures[f"p99 ms at {connections}"] = milliseconds(found(r"99%\s+(\S+)", done.stdout))
    return figures


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "nan"


def milliseconds(text: str) -> float:
    units = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}
    unit = next((unit for unit in units if text.endswith(unit)), None)
    return float(text.removesuffix(unit)) * units[unit] if unit else float("nan")


def at_rest(process: int) -> Figures:
    """Memory (PSS) of the process tree, and the share of a processor that it takes when idle."""
    tree = settled_family(process)
    before = {each: ticks(each) for each in tree}
    time.sleep(IDLE_SECONDS)
    tree = [each for each in tree if Path(f"/proc/{each}").exists()]
    spent = sum(ticks(each) - before[each] for each in tree)
    pss = sum(proportional_kilobytes(each) for each in tree)
    per_second = spent / os.sysconf("SC_CLK_TCK") / IDLE_SECONDS
    return {"memory MB": pss / 1024, "idle %": per_second * 100}


def settled_family(process: int) -> list[int]:
    """The process tree, once it has stayed the same for some seconds."""
    tree, since = family(process), time.monotonic()
    while time.monotonic() - since < SETTLES_WITHIN:
        time.sleep(0.2)
        if (now := family(process)) != tree:
            tree, since = now, time.monotonic()
    return tree


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


def broken_promises(measured: dict[tuple[str, str], Figures]) -> Iterator[str]:
    ours = {
        name: figures for (framework, name), figures in measured.items() if framework == "mtvgen"
    }
    limits: list[tuple[str, str, float, Callable[[float, float], bool]]] = [
        *((site, key, limit, float.__gt__) for (site, key), limit in AT_MOST.items()),
        *((site, key, limit, float.__lt__) for (site, key), limit in AT_LEAST.items()),
    ]
    for (site, key), factor in OF_FLASK.items():
        flask = measured.get(("Flask", site), {}).get(key)
        if flask is not None:
            limits.append((site, key, flask * factor, float.__gt__))
    for site, key, limit, is_broken in limits:
        value = ours.get(site, {}).get(key)
        if value is not None and is_broken(float(value), float(limit)):
            yield f"BROKEN: {site}: {key} is {value:.1f}, promised {limit:.1f}"


if __name__ == "__main__":
    sys.exit(main())
