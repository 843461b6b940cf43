"""How long an edit takes until it is served, with 20 and with 1,000 Python files.

    python tests/benchmarks/edit_growth.py
    python tests/benchmarks/edit_growth.py --sizes 20 200 1000 --edits 20

All files are views that `urls.py` imports, so the process that answers after an edit has imported
each of them. The servers run side by side, and the edits take turns: of the first file that is
imported, of one in the middle, of the last one, and of files at random. Figures are milliseconds:
the quickest edit, and the median.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.devserver import get, serving
from tests.benchmarks.served_sites import PAGE, RUNSERVER, VIEW, WITHOUT, WSGI, Site
from tests.benchmarks.timing import table

PROMISE = 1.5  # x the edit of the smallest site
PER_PACKAGE = 50  # files in one directory
FILE = '''
from mtvgen.runtime import Request, Response, render

MARK = "mark-0"


def listed(request: Request) -> Response:
    """Show what there is."""
    found = [number for number in range(20) if number % 3]
    return render(request, "home.html", mark=MARK, rows=found)


def saved(request: Request) -> Response:
    """Save what the form sent."""
    name = request.form.get("name", "").strip()
    if not name:
        return render(request, "home.html", mark=MARK, rows=["a name is missing"])
    return render(request, "home.html", mark=name, rows=[])
'''


AT_RANDOM = "at random"
PLACES = ("first", "middle", "last", AT_RANDOM)


def main() -> int:
    """Measure and print; 1 where the promise does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 1000])
    parser.add_argument("--edits", type=int, default=8)
    options = parser.parse_args()
    taken = measure(options.sizes, options.edits)
    rows = [
        [f"{size:,} files", place, f"{min(times):.0f}", f"{median(times):.0f}"]
        for (size, place), times in taken.items()
    ]
    print(table(["edit to served", "file", "quickest", "median"], rows))
    first, last = options.sizes[0], options.sizes[-1]
    ratio = median(taken[last, AT_RANDOM]) / median(taken[first, AT_RANDOM])
    verdict = "holds" if ratio <= PROMISE else "BROKEN"
    print(f"{last:,} files / {first} files, medians at random: {ratio:.2f}, ", end="")
    print(f"at most {PROMISE}: {verdict}")
    return 0 if ratio <= PROMISE else 1


def measure(sizes: list[int], edits: int) -> dict[tuple[int, str], list[float]]:
    """Size and place in the order of imports -> milliseconds of each edit."""
    taken: dict[tuple[int, str], list[float]] = {
        (size, place): [] for size in sizes for place in PLACES
    }
    random = Random(0)
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sites = {}
        for size in sizes:
            root = Path(directory, str(size), "mysite")
            root.mkdir(parents=True)
            site = large_site(size)
            site.make(root)
            sites[size] = (root, stack.enter_context(serving(site, root))[0])
        time.sleep(3)  # what a person does first: look at the page
        for number in range(1, edits + 1):
            for place in PLACES:
                for size, (root, port) in sites.items():
                    page = {"first": 0, "middle": size // 2, "last": size - 1}.get(
                        place, random.randrange(size)
                    )
                    mark = f"mark-{place}-{number}"
                    taken[size, place].append(edit(root / view_file(page), port, page, mark))
                    time.sleep(0.5)
    return taken


def large_site(size: int) -> Site:
    """The site of devserver.py with so many files of views, all imported."""
    files = {"wsgi.py": WSGI, "views/__init__.py": "", "views/home.py": VIEW}
    files["templates/home.html"] = PAGE
    names = []
    for number in range(size):
        package = f"part{number // PER_PACKAGE}"
        files[f"views/{package}/__init__.py"] = ""
        files[view_file(number)] = FILE.replace("{number}", str(number))
        names.append((package, f"page{number}"))
    imports = "".join(f"from views.{package} import {page}\n" for package, page in names)
    routes = "".join(f'    path("/{page}", {page}.listed),\n' for _, page in names)
    files["urls.py"] = (
        "from mtvgen.runtime import path\nfrom views import home\n"
        f"{imports}\nurlpatterns = [\n    path('/', home.index),\n{routes}]\n"
    )
    return Site("mtvgen", WITHOUT, files, "views/home.py", RUNSERVER)


def view_file(number: int) -> str:
    """Return the path of a view."""
    return f"views/part{number // PER_PACKAGE}/page{number}.py"


def edit(file: Path, port: int, number: int, mark: str) -> float:
    """Milliseconds from the edit until the page shows it."""
    text = file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("MARK = "))
    file.write_text(text.replace(line, f'MARK = "{mark}"'), encoding="utf-8")
    begun = time.perf_counter()
    while mark not in get(port, f"/page{number}")[1]:
        time.sleep(0.001)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    sys.exit(main())
