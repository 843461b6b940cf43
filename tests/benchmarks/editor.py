"""How fast `mtvgen lsp` answers: in a new project, and on a site of 500 routes and templates.

    python -m tests.benchmarks.editor [--sizes 0 500] [--rounds 7]

Size 0 is the project of `mtvgen startproject`. All but the start is processor time. "edit" is that
between a change and the diagnostics of the open files; the server waits another 50 ms for the next
key. "5,000 lines" is a page with five tags in each of them. The requests go through the pipe to a
server in which nothing else is under way. Memory is the server's before the large page is opened,
without that of the process that has imported the project.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from mtvgen.lsp.completion.template_completion import complete_in_template
from mtvgen.lsp.garbage import Garbage
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.here import Here
from tests.benchmarks.check import write_site
from tests.support.language_client import Client

# Milliseconds and MB that docs/editor.md promises: of a new project, and of 500 templates.
LIMITS = {
    "edit: a page": (15, 60),
    "edit: base.html": (15, 60),
    "edit: macros": (15, 60),
    "edit: a view": (15, 60),
    "longest step": (100, 100),
    "completion": (10, 30),
    "completion, 5,000 lines": (100, 100),
    "code action": (10, 30),
    "hover": (10, 30),
    "definition": (10, 30),
    "definition, the first": (100, 100),
    "references": (2000, 2000),
    "rename, longest": (2000, 2000),
    "rename, a column": (2000, 2000),
    "memory, MB": (90, 150),
}


LINE = """<p>{{ title }} {% if title %}{{ request.path }}{% endif %}{{ title|upper }}</p>\n"""
LARGE_PAGE = f'{{% extends "base.html" %}}{{% block content %}}\n{LINE * 5000}{{% endblock %}}\n'


def write_project(root: Path, size: int) -> dict[str, str]:
    """Write a site; returns its page, base, macros, view and model."""
    if size:
        write_site(root, size)
        page, view, macros = "pages/page7.html", "views/part0.py", "templates/_macros.html"
        model = "models/model0.py"
    else:
        command = [sys.executable, "-m", "mtvgen", "startproject", "site", str(root)]
        subprocess.run(command, check=True, capture_output=True)
        page, view, macros = "notes/index.html", "views/notes.py", ""
        model = "models/note.py"
    base = "templates/base.html"
    page = f"templates/{page}"
    return {"page": page, "base": base, "macros": macros, "view": view, "model": model}


def median(
    action: Callable[[], object], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """The median time of an action, in milliseconds."""
    taken = []
    for _ in range(rounds):
        start = clock()
        action()
        taken.append((clock() - start) * 1000)
    return statistics.median(taken)


def processor_time(process: int) -> float:
    """How long a process has been on a processor, in seconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def edits(root: Path, files: dict[str, str], rounds: int) -> dict[str, float]:
    """The work of the checks after an edit, in this process.

    The longest step is between two moments at which a request would be answered.
    """
    garbage = Garbage()
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    steps = [0.0]

    def step() -> None:
        garbage.collect_new()
        steps.append(time.process_time())

    engine.check(step)
    assert not engine.problems, engine.problems

    def type_in(file: str) -> Callable[[], float]:
        path = root / file
        text = [engine.texts.text(path) or path.read_text()]

        def edit() -> float:
            text[0] += " \n"
            engine.texts.put(path, text[0], typed=True)
            shown: list[float] = []
            start = time.process_time()
            steps[:] = [start]
            engine.check(step, show=lambda: shown.append(time.process_time()))
            step()
            longest.append(max(end - begin for begin, end in pairwise(steps)) * 1000)
            return ([*shown, steps[-1]][0] - start) * 1000

        return edit

    named = {"a page": "page", "base.html": "base", "macros": "macros", "a view": "view"}
    figures = {}
    longest: list[float] = []
    for name, file in named.items():
        if files[file]:
            edit = type_in(files[file])
            figures[f"edit: {name}"] = statistics.median(edit() for _ in range(rounds))
    figures["longest step"] = max(longest)
    engine.texts.put(root / files["page"], LARGE_PAGE, typed=True)
    edit = type_in(files["page"])
    figures["edit: 5,000 lines"] = statistics.median(edit() for _ in range(3))
    engine.prepare(lambda: None)
    path, text = root / files["page"], LARGE_PAGE.replace(LINE, "{{ ti" + LINE, 1)
    engine.texts.put(path, text, typed=True)

    def complete() -> None:
        completion = complete_in_template(Here(engine, path, text, text.index(LINE)))
        assert completion is not None
        assert list(completion.suggestions)

    completing = median(complete, rounds, time.process_time)
    return {**figures, "completion, 5,000 lines": completing}


def requests(root: Path, files: dict[str, str], rounds: int) -> dict[str, float]:
    """What an editor waits for, over the pipe."""
    start = time.perf_counter()
    client = Client(root)
    client.start()
    clock = partial(processor_time, client.process.pid)
    page = client.open(root / files["page"])
    client.replace(page, "{% block content %}", "{% block content %}{{ mistake }}")
    client.wait_until(lambda shown: len(shown) == 1, "the mistake")
    first = time.perf_counter()
    figures = {"start, to the first diagnostics": (first - start) * 1000}
    place = {"textDocument": {"uri": page}, "position": client.position(page, "base.html")}
    figures["definition, the first"] = median(
        lambda: client.request("textDocument/definition", place), 1, clock
    )
    client.settle(3)  # what each name means is found out when nothing else is to be done

    place["position"] = client.position(page, "mistake")

    def ask(method: str, **more: Any) -> Callable[[], object]:
        return lambda: client.request(f"textDocument/{method}", {**place, **more})

    figures["completion"] = median(ask("completion"), rounds, clock)
    at = {"start": place["position"], "end": place["position"]}
    action = ask("codeAction", range=at, context={"diagnostics": []})
    figures["code action"] = median(action, rounds, clock)
    figures["hover"] = median(ask("hover"), rounds, clock)
    place["position"] = client.position(page, "base.html")
    for name in ("definition", "references"):
        context = {"includeDeclaration": True}
        figures[name] = median(ask(name, context=context), rounds, clock)
    client.write(page, (root / files["page"]).read_text())
    client.wait_until(lambda shown: not shown, "no mistake")
    figures |= renames(client, page, clock)
    model = client.open(root / files["model"])
    column = "text: Mapped" if "text: Mapped" in client.texts[model] else "name: Mapped"
    place = {"textDocument": {"uri": model}, "position": client.position(model, column)}
    renamed = ask("rename", newName="a_new_name")
    figures["rename, a column"] = median(renamed, rounds, clock)
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    figures["memory, MB"] = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    client.stop()
    return figures


def renames(client: Client, page: str, clock: Callable[[], float]) -> dict[str, float]:
    """Renaming what all pages use: to a name that is nowhere, and to names that are in use."""
    place = {"textDocument": {"uri": page}, "position": client.position(page, "title")}
    in_use = ["name", "label", "message"] if "items" in client.texts[page] else ["note", "notes"]
    taken = []
    for new in ["a_new_name", *in_use] * 2:
        start = clock()
        client.answer(client.ask("textDocument/rename", {**place, "newName": new}))
        taken.append((clock() - start) * 1000)
    return {"rename, median": statistics.median(taken), "rename, longest": max(taken)}


def measure(size: int, rounds: int) -> dict[str, float]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "site").resolve()
        files = write_project(root, size)
        command = [sys.executable, "-m", "mtvgen", "check"]
        check = median(lambda: subprocess.run(command, cwd=root, capture_output=True), 3)
        return {
            "mtvgen check": check,
            **requests(root, files, rounds),
            **edits(root, files, rounds),
        }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 500])
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    columns = {size: measure(size, given.rounds) for size in given.sizes}
    print(f"mtvgen lsp, milliseconds, median of {given.rounds}; in brackets: at most")
    print(f"{'':33}" + "".join(f"{size or 'new':>9}      " for size in columns))
    for name in dict.fromkeys(name for figures in columns.values() for name in figures):
        cells = ""
        for size, figures in columns.items():
            limit = LIMITS.get(name, ("", ""))[bool(size)]
            shown = f"{figures[name]:9.0f}" if name in figures else f"{'':9}"
            cells += f"{shown} {f'({limit})' if limit else '':6}"[:15]
        print(f"{name:33}{cells}")


if __name__ == "__main__":
    main()
