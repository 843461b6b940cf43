"""A site whose modules are edited at random, and what a fresh Python makes of its files.

The modules depend on each other in the ways that modules do: they take values, names and whole
modules from others, change others, note in a list that they were imported, look whether others
are there already, and are broken now and then.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

VIEWS = ("a", "b", "c", "d", "e")
SITE = {
    "wsgi.py": """
from mtvgen.runtime import Application
from urls import urlpatterns
application = Application(urlpatterns, debug=True)
""",
    # The page: each module of the project in the order of the import, with its plain values.
    "state.py": """
import sys
from pathlib import Path
ROOT = str(Path(__file__).parent)
def shown(value):
    return isinstance(value, (int, str, list)) and not callable(value)
def state():
    lines = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(ROOT) and name != "__main__":
            values = {key: value for key, value in vars(module).items()
                      if key[0] != "_" and key not in ("ROOT", "urlpatterns") and shown(value)}
            others = sorted(key for key, value in vars(module).items()
                            if getattr(value, "__spec__", None) is not None)
            lines.append(f"{name} {values} {others}")
    return "state:\\n" + "\\n".join(lines)
""",
    "registry.py": "NAMES = []\nSEEN = {}\n",
    "shared.py": "WORD = 'one'\nEXTRA = 'none'\nNUMBERS = [1, 2]\n",
    "views/__init__.py": "",
    "templates/none.txt": "",
}

_REGISTERING = """class Base:
    def __init_subclass__(cls):
        registry.NAMES.append(cls.__name__)
"""


class EditedSite:
    """The files of a site, which `edit()` changes.

    Args:
        root: Its directory.
        seed: Of the random numbers.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = Random(seed)
        for path, text in SITE.items():
            self._write(path, text)
        for name in VIEWS:
            self._write_view(name)
        self._write_urls()

    def edit(self) -> list[str]:
        """Change one to three files; which."""
        return [self._edit_one() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]

    def restore(self) -> None:
        """Make it a site that can be imported, whatever it was."""
        for directory in self._root.glob("views/*/"):
            self._remove(directory)
        for name in VIEWS:
            self._write(f"views/{name}.py", f"def index(request):\n    return '{name}'\n")
        self._write("shared.py", SITE["shared.py"])
        self._write("views/__init__.py", "")
        self._write_urls()

    def _edit_one(self) -> str:
        kinds = ("view",) * 8 + ("shared", "shared", "package", "urls", "delete", "shadow")
        kind, name = self._random.choice(kinds), self._random.choice(VIEWS)
        match kind:
            case "view":
                self._write_view(name)
            case "shared":
                number = self._random.randrange(9)
                self._write("shared.py", f"WORD = 'w{number}'\nEXTRA = 'none'\nNUMBERS = [1]\n")
            case "package":
                self._write("views/__init__.py", self._random.choice(("", *self._imports("views"))))
            case "urls":
                self._write_urls()
            case "delete":
                (self._root / f"views/{name}.py").unlink(missing_ok=True)
            case "shadow":
                directory = self._root / "views" / name
                if directory.exists():
                    self._remove(directory)
                else:
                    text = f"def index(request):\n    return 'package {name}'\nDEPTH = 1\n"
                    self._write(f"views/{name}/__init__.py", text)
        return f"{kind} {name}"

    def _write_urls(self) -> None:
        names = self._random.sample(VIEWS, self._random.randrange(3, len(VIEWS) + 1))
        imports = "".join(f"from views import {name}\n" for name in names)
        routes = "".join(f"path('/{name}', {name}.index), " for name in names)
        self._write(
            "urls.py",
            "from mtvgen.runtime import path\nfrom state import state\n"
            f"{imports}def page(request):\n    return state()\n"
            f"urlpatterns = [path('/', page), {routes}]\n",
        )

    def _write_view(self, name: str) -> None:
        number = self._random.randrange(100)
        pool = [*self._imports(name), *self._statements(name)]
        lines = self._random.sample(pool, self._random.randrange(4))
        lines += [f"MARK = {number}", f"def index(request):\n    return '{name} {number}'"]
        if self._random.random() < 0.06:
            lines.append(self._random.choice(("def (", "1 / 0", "raise SystemExit", "\0")))
        self._write(f"views/{name}.py", "\n".join(lines) + "\n")

    def _imports(self, name: str) -> list[str]:
        other = self._random.choice([view for view in VIEWS if view != name])
        return [
            "from shared import WORD",
            "from shared import *",
            "import shared",
            f"from views import {other}",
            f"import views.{other}",
            f"from .{other} import MARK as TAKEN" if name != "views" else "from .a import MARK",
            f"from views.{other} import index as other_index",
            f"try:\n    from views.{other} import DEPTH\nexcept ImportError:\n    DEPTH = 0",
        ]

    def _statements(self, name: str) -> list[str]:
        other = self._random.choice(VIEWS)
        return [
            f"import registry\nregistry.NAMES.append('{name}')",
            f"import shared\nshared.EXTRA = '{name}'",
            "import shared\nEXTRA = shared.EXTRA",
            f"import shared\nshared.NUMBERS.append('{name}')",
            f"import sys\nTHERE = int('views.{other}' in sys.modules)",
            f"import views\nHAS = int(hasattr(views, '{other}'))",
            f"import registry\nLAST = registry.NAMES[-1:]\nregistry.SEEN['{name}'] = LAST",
            f"import sys\nsys.modules.pop('views.{other}', None)",
            f"import registry\n{_REGISTERING}class Of_{name}(Base):\n    pass",
        ]

    def _write(self, path: str, text: str) -> None:
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    @staticmethod
    def _remove(directory: Path) -> None:
        for file in directory.iterdir():
            file.unlink()
        directory.rmdir()


# One process that has imported the runtime, and forks another one for each answer.
_FRESH = """
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from mtvgen.runtime import Application
Application([], debug=True)
for line in sys.stdin:
    if not os.fork():
        try:
            import wsgi
            from state import state
            print(state(), flush=True)
        except BaseException as error:
            print(type(error).__name__, flush=True)
        os._exit(0)
    os.wait()
    print("end", flush=True)
"""


class FreshPython:
    """A Python that has imported nothing of a site when it is asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def state(self) -> str:
        """What the site's page shows, or the name of the exception that keeps it from that."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return "".join(iter(self._process.stdout.readline, "end\n")).strip()


@contextmanager
def fresh_python(root: Path) -> Iterator[FreshPython]:
    process = subprocess.Popen(
        [sys.executable, "-c", _FRESH, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield FreshPython(process)
        assert process.stdin
        process.stdin.close()
