"""How long an edit takes until it is served, with 20 and with 1,000 Python files.

    python tests/benchmarks/edit_growth.py
    python tests/benchmarks/edit_growth.py --sizes 20 200 1000 --edits 20

All files are views that `urls.py` imports, so the process that answers after an edit has imported
each of them; one is edited. The servers run side by side, and the edits take turns. Figures are
milliseconds: the quickest edit, and the median.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.devserver import get, serving
from tests.benchmarks.served_sites import PAGE, RUNSERVER, VIEW, WITHOUT, WSGI, Site
from tests.benchmarks.timing import table

PROMISE = 1.5  # x the edit of the smallest site
PER_PACKAGE = 50  # files in one directory
FILE = '''
from mtvgen.runtime import Request, Response, render


def listed(request: Request) -> Response:
    """Show what there is."""
    found = [number for number in range(20) if number % 3]
    return render(request, "home.html", mark="{number}", rows=found)


def saved(request: Request) -> Response:
    """Save what the form sent."""
    name = request.form.get("name", "").strip()
    if not name:
        return render(request, "home.html", mark="{number}", rows=["a name is missing"])
    return render(request, "home.html", mark=name, rows=[])
'''


def main() -> int:
    """Measure and print; 1 where the promise does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 1000])
    parser.add_argument("--edits", type=int, default=15)
    options = parser.parse_args()
    taken = measure(options.sizes, options.edits)
    rows = [[f"{n:,} files", f"{min(taken[n]):.0f}", f"{median(taken[n]):.0f}"] for n in taken]
    print(table(["edit to served", "quickest", "median"], rows))
    first, last = options.sizes[0], options.sizes[-1]
    ratio = min(taken[last]) / min(taken[first])
    verdict = "holds" if ratio <= PROMISE else "BROKEN"
    print(f"{last:,} files / {first} files: {ratio:.2f}, at most {PROMISE}: {verdict}")
    return 0 if ratio <= PROMISE else 1


def measure(sizes: list[int], edits: int) -> dict[int, list[float]]:
    """Size -> milliseconds of each edit."""
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sites = {}
        for size in sizes:
            root = Path(directory, str(size), "mysite")
            root.mkdir(parents=True)
            site = large_site(size)
            site.make(root)
            sites[size] = (root / site.edited, stack.enter_context(serving(site, root))[0])
        time.sleep(3)  # what a person does first: look at the page
        for number in range(1, edits + 1):
            for size, (file, port) in sites.items():
                taken[size].append(edit(file, port, f"mark-{number}"))
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
        files[f"views/{package}/page{number}.py"] = FILE.replace("{number}", str(number))
        names.append((package, f"page{number}"))
    imports = "".join(f"from views.{package} import {page}\n" for package, page in names)
    routes = "".join(f'    path("/{page}", {page}.listed),\n' for _, page in names)
    files["urls.py"] = (
        "from mtvgen.runtime import path\nfrom views import home\n"
        f"{imports}\nurlpatterns = [\n    path('/', home.index),\n{routes}]\n"
    )
    return Site("mtvgen", WITHOUT, files, "views/home.py", RUNSERVER)


def edit(file: Path, port: int, mark: str) -> float:
    """Milliseconds from the edit until the page shows it."""
    text = file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("MARK = "))
    file.write_text(text.replace(line, f'MARK = "{mark}"'), encoding="utf-8")
    begun = time.perf_counter()
    while mark not in get(port)[1]:
        time.sleep(0.001)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    sys.exit(main())
