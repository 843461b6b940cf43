"""Projects of modules that read, call and change each other in many ways, edited at random."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

MODULES = (
    *("base", "p", "p.a", "p.b", "p.c", "p.d", "p.q", "p.q.e", "p.q.f", "p.q.g", "r", "r.h", "r.i"),
    *("r.j", "top"),
)
_PACKAGES = ("p", "p.q", "r")

# {n} is a number, {me} this module, and {o} a name of another one, as {of} gives it.
_IMPORTS = (
    "from {of} import {name} as {o}",
    "from {of} import X as {o}_X, {name} as {o}",
    "import {of} as {o}_module\n{o} = {o}_module.{name}",
    "from {parent} import {last} as {o}_module\n{o} = {o}_module.{name}",
    "from {relative} import {name} as {o}",
    "try:\n    from {of} import {name} as {o}\nexcept ImportError:\n    {o} = {n}",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {of} import C\n{o} = {n}",
    "from {of} import *\n{o} = {name}",
    "def later():\n    from {of} import {name}\n    return {name}\n{o} = later",
    "import {of}\n{o} = {of}.{name}",
)
_NAMES = ("X", "TEXT", "L", "D", "C", "deco", "staff", "K", "f", "Row", "field_of", "Pages", "P")
# Each gives a value to a name that others import, with or without an effect elsewhere.
_PIECES = (
    *("X = {n}", "X = {n} * 2 + 1", "X = Y = {n}", "X, Z = {n}, 'z'", "X: int = {n}"),
    *("TEXT = 'text {n}'", "TEXT = f'{{X}} and {n}'", "TEXT = f'{{X:>{{X}}}}'", "TEXT = __name__"),
    *("L = [{n}]", "L = []", "D = {{'a': {n}}}", "L = [X, {n}]", "D = dict(a={n})"),
    "from collections import defaultdict\nD = defaultdict(list)",
    "class C:\n    A = {n}\n    def method(self, a=X): return a",
    "class C:\n    __slots__ = ('a', 'b')",
    "import base\nclass C:\n    def __init_subclass__(cls): base.LOG.append(cls.__name__)",
    "import base\nclass C:\n    def __set_name__(self, owner, name): base.LOG.append(name)",
    "import base\nclass C:\n    def __class_getitem__(cls, item): base.LOG.append({n})",
    (
        "from dataclasses import dataclass, field\n@dataclass\nclass Row:\n    a: int = X\n"
        "    b: list[int] = field(default_factory=list)"
    ),
    "from typing import NamedTuple\nclass Row(NamedTuple):\n    a: int\n    b: str = TEXT",
    "from enum import Enum, auto\nclass K(Enum):\n    A = {n}\n    B = auto()\n    D = X",
    "from enum import Enum\nclass K(str, Enum):\n    A = TEXT\n    B = 'b{n}'",
    (
        "from mtvgen.runtime.forms import Form, most\nfrom typing import Annotated\n"
        "class Row(Form):\n    text: Annotated[str, most(X)] = 'a'"
    ),
    (
        "from functools import wraps\ndef deco(view):\n    @wraps(view)\n"
        "    def inner(): return {n}\n    return inner"
    ),
    "def deco(view):\n    view.mark = {n}\n    return view",
    "import base\ndef deco(view):\n    base.LOG.append(view.__name__)\n    return view",
    "def staff(view): return view",
    "def staff(view): return (view, {n})",
    "def f(a: int = {n}, *, b=TEXT) -> str: return 'f{n}'",
    "from functools import cache\n@cache\ndef f(): return {n}",
    "COUNT = 0\ndef f():\n    global COUNT\n    COUNT += 1\n    return COUNT",
    "from functools import cached_property\nfield_of = cached_property(f)",
    "field_of = property(lambda self: {n})",
    "class _Field:\n    def __set_name__(self, owner, name): self.seen = name\nfield_of = _Field()",
    "Pages = list[int]\nP = {n}",
    "from collections.abc import Callable\nPages = Callable[[int], str]",
    "import re\nP = re.compile('a{n}')",
    "import logging\nP = logging.getLogger(__name__).name",
    "P = (1, {n}, 'a')",
    "from typing import TypeVar, Generic\nT = TypeVar('T')\nclass C(Generic[T]):\n    A = {n}",
    "from typing import Protocol\nclass C(Protocol):\n    A: int",
    "class C:\n    @property\n    def a(self): return {n}\n    @a.setter\n    def a(self, b): pass",
)
# Each uses {o}, whatever that is.
_USES = (
    *("MINE = {o}", "MINE = [{o}, {n}]", "MINE = {{'a': {o}}}", "MINE = ({o}, {o})"),
    "def g(a={o}): return a",
    "def g(a: {o} = 1): return a",
    "def g(a: {o} | None = None): return a",
    "def g(a: list[{o}]): return a",
    "def g(a: '{o}[int]'): return a",
    "def g(a: {o}[int]): return a",
    "def g(a: {o}[0]): return a",
    "def g(a: {o}.A): return a",
    "class G({o}):\n    B = {n}",
    "class G({o}[int]):\n    B = {n}",
    "class G:\n    B = {o}",
    "class G:\n    B: int = {o}",
    "class G:\n    __slots__ = {o}",
    "from dataclasses import dataclass\n@dataclass\nclass G:\n    B: int = {o}",
    "from enum import Enum\nclass G(Enum):\n    B = {o}\n    E = {n}",
    "@{o}\ndef g(): return {n}",
    "@{o}\nclass G: pass",
    *("MINE = {o} * 2", "MINE = {o} + 1", "MINE = f'{{{o}}}'", "MINE = f'{{{n}:{{{o}}}}}'"),
    *("MINE = list({o})", "MINE = [*{o}]", "MINE = {{**{o}}}", "MINE = {o}()", "MINE = {o}[0]"),
    *("{o}.append({n})", "{o}['{me}'] = {n}", "{o}.A = {n}", "{o} += [{n}]", "MINE = {o}.A"),
    "import base\nbase.LOG.append('{me}')",
    "import base\nMINE = list(base.LOG)",
    "import base\nMINE = len(base.LOG)",
    "import base\nMINE = base.next_id()",
    "import {of}\n{of}.X = {n}",
    "MINE = 1 if {o} else {n}",
    "MINE = [a for a in {o}]",
    "del {o}",
    "from typing import Annotated\ndef g(a: Annotated[int, {o}]): pass",
    "from mtvgen.runtime.forms import most\nMINE = most({o})",
    "from collections import Counter\nMINE = Counter({o})",
)
_BROKEN = (
    "def (",
    "1 / 0",
    "nobody_knows",
    "raise SystemExit",
    "\0",
    "import nobody_knows",
    "return",
)
_LOOKING = (
    "import sys\nMINE = '{of}' in sys.modules",
    "import {parent}\nMINE = sorted(a for a in vars({parent}) if a[0] != '_')",
    "from {parent} import *",
)


class RandomProject:
    """The files of a project, which `edit()` changes.

    Args:
        root: Its directory.
        seed: Of the random numbers.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = random = Random(seed)
        # Not all at once, so that some projects are nearly without effects.
        self._uses = random.sample(_USES, random.randrange(8, len(_USES)))
        self._imports = random.sample(_IMPORTS, random.randrange(2, len(_IMPORTS)))
        if random.random() < 0.8:  # what sees a package sees what is held: nothing is
            self._uses = [each for each in self._uses if "import {of}\n" not in each]
            self._imports = [each for each in self._imports if "import {of}\n" not in each]
            self._looks = ()
            self._others = tuple(name for name in MODULES if name not in _PACKAGES)
        else:
            self._looks, self._others = _LOOKING, MODULES
        self._past: list[tuple[Path, str]] = []
        for name in MODULES:
            self._write(self._file_of(name), self._plain(name))
        self.write_start()

    def write_start(self) -> None:
        """Import most modules, in an order of its own."""
        names = self._random.sample(MODULES, self._random.randrange(9, len(MODULES) + 1))
        lines = [f"from {name} import X as m{number}" for number, name in enumerate(names)]
        self._write(self._root / "wsgi.py", "\n".join([*lines, "print(end='')", ""]))

    def restore(self) -> list[str]:
        """Make each module one that can be imported."""
        for name in MODULES:
            self._write(self._file_of(name), self._plain(name))
        shutil.rmtree(self._root / "p/a", ignore_errors=True)
        return ["restore"]

    def edit(self) -> list[str]:
        """Change one to three files; which."""
        return [self._edit_one() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]

    def _edit_one(self) -> str:
        name = self._random.choice(MODULES)
        file = self._file_of(name)
        match self._random.choice(("write",) * 12 + ("undo",) * 2 + ("start", "delete", "shadow")):
            case "undo" if self._past:
                file, text = self._past.pop()
                self._write(file, text)
                return f"undo {file.name}"
            case "start":
                self.write_start()
                return "start"
            case "delete" if "." in name and not name.endswith("q"):
                file.unlink(missing_ok=True)
                return f"delete {name}"
            case "shadow":
                self._write(self._root / "p/a/__init__.py", self._module("p.a"))
                return "shadow p.a"
        if file.exists():
            self._past.append((file, file.read_text()))
        self._write(file, self._module(name))
        return f"write {name}"

    def _plain(self, name: str) -> str:
        number = self._random.randrange(100)
        pieces = [each for each in _PIECES if each.startswith(("X = {n}", "TEXT = 't", "L = [{n}"))]
        lines = [each.format(n=number) for each in pieces]
        lines.append(f"class C: A = {number}\nD = {{}}\ndef f(): return {number}")
        lines.append("def deco(view): return view\nstaff = deco\nPages = list[int]\nP = 1")
        lines.append("K = Row = C\nfield_of = property(lambda self: 1)")
        if name == "base":
            lines.append("LOG = []\ndef next_id():\n    LOG.append(1)\n    return len(LOG)")
        return "\n".join(lines) + "\n"

    def _module(self, name: str) -> str:
        random = self._random
        lines = [self._plain(name)]
        if random.random() < 0.1:
            lines.insert(0, "from __future__ import annotations")
        for piece in random.sample(_PIECES, random.randrange(5)):
            lines.append(piece.format(n=random.randrange(100)))
        others = random.sample(self._others, random.randrange(3))
        for number, other in enumerate(others):
            words = self._words(name, other, f"o{number}")
            lines.append(random.choice(self._imports).format_map(words))
            lines += [each.format_map(words) for each in random.sample(self._uses, 1)]
        if random.random() < 0.04:
            lines.append(random.choice(_BROKEN))
        if self._looks and random.random() < 0.1:
            words = self._words(name, random.choice(MODULES), "o9")
            lines.append(random.choice(self._looks).format_map(words))
        return "\n".join(lines) + "\n"

    def _words(self, name: str, other: str, alias: str) -> dict[str, object]:
        parent, _, last = other.rpartition(".")
        package, _, _ = name.rpartition(".")
        is_near = bool(package) and package == parent
        return {
            "of": other,
            "parent": parent or other,
            "last": last if parent else "X",
            "relative": f".{last}" if is_near and name not in ("p.q",) else other,
            "name": self._random.choice(_NAMES),
            "o": alias,
            "me": name,
            "n": self._random.randrange(100),
        }

    def _file_of(self, name: str) -> Path:
        path = name.replace(".", "/")
        return self._root / (f"{path}/__init__.py" if name in _PACKAGES else f"{path}.py")

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
