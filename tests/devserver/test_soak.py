"""Sixteen clients for twenty seconds, while files are broken, mended, added and deleted."""

from __future__ import annotations

import http.client
import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.devserver.running import SITE, Running, runserver, until

SECONDS = 20.0
CLIENTS = 16
EDIT_EACH = 0.5  # seconds

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


@dataclass(frozen=True)
class Asked:
    begun: float
    ended: float
    status: int
    mark: int | None


@dataclass
class Client:
    """One browser's connection, which stays open as long as the server lets it."""

    port: int
    slow: bool
    asked: list[Asked] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, ending: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        path = "/slow?seconds=1.5" if self.slow else "/"
        while not ending.is_set():
            begun = time.monotonic()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                page = answer.read().decode()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
                continue
            found = re.search(r"mark-(\d+)", page)
            mark = int(found[1]) if found and answer.status == 200 else None
            self.asked.append(Asked(begun, time.monotonic(), answer.status, mark))
            time.sleep(0.005)
        connection.close()


def save(server: Running, path: str, text: str) -> None:
    """Write a file as editors do: whole at once, so that no import meets the half of it."""
    whole = (server.root / path).with_suffix(".py.tmp")  # which the server does not look at
    server.write(str(whole), text)
    whole.replace(server.root / path)


def edit_all_the_while(server: Running) -> list[tuple[float, float]]:
    """Edit until the time is over; when the project was broken."""
    view = SITE["views/home.py"]
    broken: list[tuple[float, float]] = []
    end = time.monotonic() + SECONDS
    number = 1
    while time.monotonic() < end:
        number += 1
        marked = view.replace("first", f"mark-{number}")
        match number % 5:
            case 2:
                begun = time.monotonic()
                save(server, "views/home.py", marked + "def (\n")
                time.sleep(EDIT_EACH / 2)
                save(server, "views/home.py", marked)
                server.wait_for(f"mark-{number}")
                broken.append((begun, time.monotonic()))
            case 3:
                save(server, f"parts/part{number}.py", f"MARK = 'mark-{number}'\n")
                extended = marked + f"from parts.part{number} import MARK as WORD\n"
                save(server, "views/home.py", extended)
            case 4:
                save(server, "views/home.py", marked)
                server.wait_for(f"mark-{number}")  # nobody imports the parts any more
                for part in (server.root / "parts").glob("*.py"):
                    part.unlink()
            case _:
                save(server, "views/home.py", marked)
        time.sleep(EDIT_EACH)
    return broken


def count_of(process: int, what: str) -> int:
    return len(os.listdir(f"/proc/{process}/{what}"))  # noqa: PTH208


def settled(server: Running) -> tuple[int, int, int]:
    """Processes, and the supervisor's descriptors and threads, once nothing is under way."""
    supervisor, seen = server.process.pid, [(0, 0, 0)]
    while len(seen) < 20 or len(set(seen[-20:])) > 1:
        found = len(server.family()), count_of(supervisor, "fd"), count_of(supervisor, "task")
        seen.append(found)
        time.sleep(0.15)
    return seen[-1]


def memory_of(server: Running) -> int:
    """Kilobytes of all processes, shared pages counted once (PSS)."""
    total = 0
    for process in server.family():
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += int(re.findall(r"(?m)^Pss:\s+(\d+)", text)[0])
    return total


@pytest.mark.timeout(120)
def test_no_request_is_lost_and_nothing_is_left_over(tmp_path: Path) -> None:
    site = {**SITE, "views/home.py": SITE["views/home.py"].replace("first", "mark-1")}
    with runserver(tmp_path / "mysite", site=site) as server:
        server.wait_for("mark-1")
        before = settled(server)
        memory = memory_of(server)
        clients = [Client(server.port, slow=number == 0) for number in range(CLIENTS)]
        ending = threading.Event()
        threads = [threading.Thread(target=each.run, args=[ending]) for each in clients]
        for thread in threads:
            thread.start()
        broken = edit_all_the_while(server)
        ending.set()
        for thread in threads:
            thread.join()
        until(lambda: count_of(server.worker(), "task") <= 5)

        assert settled(server) == before
        assert memory_of(server) < memory * 1.5
        assert server.terminal().count("another one takes over") == 0

    asked = sorted((each for client in clients for each in client.asked), key=lambda a: a.begun)
    assert [failure for client in clients for failure in client.failures] == []
    assert len(asked) > 1_000
    for each in asked:
        overlaps = any(begun < each.ended and each.begun < ended for begun, ended in broken)
        assert each.status == 200 or overlaps, each
    assert stale(asked) == []


def stale(asked: list[Asked]) -> list[Asked]:
    """Answers with an older mark than somebody had seen before the request was begun."""
    seen = sorted((each.ended, each.mark) for each in asked if each.mark is not None)
    found, newest, position = [], 0, 0
    for each in asked:
        while position < len(seen) and seen[position][0] < each.begun:
            newest = max(newest, seen[position][1])
            position += 1
        if each.mark is not None and each.mark < newest:
            found.append(each)
    return found
