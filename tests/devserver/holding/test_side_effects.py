"""Which modules may be imported ahead of their turn: those that only define names."""

from __future__ import annotations

import ast
import importlib

import pytest

from mtvgen.devserver.holding.namespace import Definitions
from mtvgen.devserver.holding.pure_names import PURE_NAMES
from mtvgen.devserver.holding.side_effects import definitions_in

# What views.base holds, in the tests below: a class, a decorator, and a list.
BASE = """
from functools import wraps
class Base:
    ROWS = 20
LIMIT = 500
def staff(view):
    "Let nobody in."
    @wraps(view)
    def inner(request):
        return view(request)
    return inner
def counted(view):
    NAMES.append(view)
    return view
NAMES = []
"""


def definitions_of(text: str) -> Definitions | None:
    base = definitions_in(ast.parse(BASE), "views", lambda name: None)
    known = {"views.base": base}
    return definitions_in(ast.parse(text), "views", known.get)


HARMLESS = {
    "text": '"""A view."""\nMARK = "a" "b"\nSECONDS = 60 * 60\nNAME = f"{MARK}!"\n'
    '__all__ = ["MARK"]',
    "imports": "import os.path\nimport datetime as d\nfrom views import home\nfrom . import b\n",
    "function": "from mtvgen.runtime import Request\n"
    "def index(request: Request | None = None): exit()",
    "default": "LIST = [1, (2, {'a': 3})]\ndef index(a, *, b=LIST, c=lambda x: exit()): pass",
    "builtin": "def index(rows: dict[str, list[int]]) -> int: pass\nPages = list[str]",
    "class": "class Row:\n    size: int = 3\n    def __init__(self): exit()\n    @property\n"
    "    def a(self): pass\n    @a.setter\n    def a(self, b): pass",
    "dataclass": "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass Row:\n"
    "    names: list[str] = field(default_factory=list)",
    "enumeration": "from enum import Enum, auto\nclass Kind(Enum):\n    A = 1\n    B = auto()\n"
    "    def __str__(self): return 'a'",
    "form": "from typing import Annotated\nfrom mtvgen.runtime.forms import Form, most\n"
    "class NoteForm(Form):\n    text: Annotated[str, most(500)]\n    def mistakes(self): exit()",
    "inherited": "from views.base import Base\nclass Row(Base):\n    pass\nclass Other(Row): pass",
    "decorator": "from views.base import staff\n@staff\ndef index(request): pass",
    "pattern": "import re\nimport logging\nWORD = re.compile(r'[a-z]+')\n"
    "LOG = logging.getLogger(__name__)",
    "for types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    "    from models import Note\n",
    "constants": "from views.base import LIMIT\nfrom mtvgen.runtime.forms import most\n"
    "TWICE = LIMIT * 2\nclass A:\n    rows: int = LIMIT\n    text = f'{LIMIT:>{TWICE}}'\n"
    "    also = most(LIMIT)",
    "slots": "class A:\n    __slots__ = ('a', 'b')",
    "parameters": "from collections.abc import Callable\nfrom functools import wraps\n"
    "from typing import ParamSpec\nP = ParamSpec('P')\n"
    "def staff(view: Callable[P, str]):\n    @wraps(view)\n"
    "    def inner(*args: P.args, **more: P.kwargs) -> str: pass\n    return inner\n"
    "@staff\ndef index(request): pass",
    "dotted types": "import collections.abc\nimport datetime as d\n"
    "def index(a: collections.abc.Sequence[d.date]): pass",
    "generic": "from typing import Generic, TypeVar\nT = TypeVar('T')\n"
    "class Rows(Generic[T]): pass",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS.keys())
def test_definitions_and_constants_have_no_side_effects(text: str) -> None:
    assert definitions_of(text) is not None


SIDE_EFFECTS = {
    "call": "print(1)",
    "own call": "def a(): pass\nB = a()",
    "own object": "class A: pass\nB = A()",
    "attribute": "from views import home\nhome.MARK = 1",
    "item": "from views.base import NAMES\nNAMES[0] = 1",
    "more": "from views.base import NAMES\nNAMES += [1]",
    "read item": "from views.base import NAMES\nFIRST = NAMES[0]",
    "read list": "from views.base import NAMES\nCOPY = list(NAMES)",
    "unpacked list": "from views.base import NAMES\nCOPY = [*NAMES]",
    "given list": "from collections import Counter\nfrom views.base import NAMES\n"
    "C = Counter(NAMES)",
    "unpacked keywords": "from views.base import NAMES\nCOPY = dict(**NAMES)",
    "star": "from views.base import *",
    "condition": "import sys\nif sys.platform:\n    A = 1",
    "try": "try:\n    import a\nexcept ImportError:\n    pass",
    "loop": "for a in 'ab':\n    pass",
    "other decorator": "from views.base import counted\n@counted\ndef index(request): pass",
    "decorator of a package": "from atexit import register\n@register\ndef end(): pass",
    "default": "def index(request, rows=print(1)): pass",
    "annotation": "def index(request: print(1)): pass",
    "base": "from models import Model\nclass Note(Model): pass",
    "metaclass": "from models import Meta\nclass Note(metaclass=Meta): pass",
    "hook": "class A:\n    def __init_subclass__(cls): print(1)",
    "hook by name": "from views.base import NAMES\nclass A:\n    __init_subclass__ = NAMES",
    "descriptor": "class A:\n    def __set_name__(self, owner, name): print(1)",
    "class body": "class A:\n    print(1)",
    "enumeration": "from enum import Enum\nclass A(Enum):\n    B = 1\n"
    "    def __init__(self, b): print(b)",
    "hashed": "from enum import Enum\nclass A(Enum):\n    B = 1\n    def __hash__(self): print(1)",
    "shadowed": "def property(a): print(1)\nclass A:\n    @property\n    def b(self): pass",
    "replaced": "from functools import wraps\nfrom views import wraps\n"
    "def a(view):\n    @wraps(view)\n    def b(): pass\n    return b\n@a\ndef c(): pass",
    "for Python": "def __getattr__(name): print(name)",
    "flag of its own": "TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    print(1)",
    "unknown": "A = somebody_puts_this_into_builtins",
    "deleted": "A = 1\ndel A",
    "swapped": "from views.base import NAMES\nA = NAMES\nB = 1\nA, B = B, A\nC = f'{B}'",
    "format": "A = 1\nB = f'{A:{print(1)}}'",
    "item in an annotation": "from views.base import NAMES\ndef index(request: NAMES[0]): pass",
    "generic of the project": "from models import Rows\ndef index(a: Rows[int]): pass",
    "slots": "from views.base import NAMES\nclass A:\n    __slots__ = NAMES",
    "descriptor of another module": "from views import home\nclass A:\n    b = home.FIELD",
    "another name for it": "from views import FIELD\nMINE = FIELD\nclass A:\n    b = MINE",
    "default with a descriptor": "from views import FIELD\nclass A:\n    b: int = FIELD",
    "wraps another": "from functools import wraps\nfrom views.base import NAMES\n"
    "def a(view):\n    @wraps(NAMES)\n    def b(): pass\n    return b\n@a\ndef c(): pass",
}


@pytest.mark.parametrize("text", SIDE_EFFECTS.values(), ids=SIDE_EFFECTS.keys())
def test_whatever_is_not_known_to_be_harmless_is_a_side_effect(text: str) -> None:
    assert definitions_of(text) is None


def test_an_annotation_that_python_does_not_evaluate_may_be_anything() -> None:
    text = "def index(request: print(1)): pass"
    assert definitions_of(f"from __future__ import annotations\n{text}") is not None


def test_what_a_module_has_read_is_known() -> None:
    found = definitions_of(
        "from views import home\nimport datetime\nA = home.B\nC: int = 1\n"
        "def index(a: home.D.E): pass"
    )
    assert found is not None
    assert found.reads == {
        ("views", "home"),
        ("views.home", "B"),
        ("views.home", "D"),
        ("views.home.D", "E"),  # a module of that name, or it is not held
        ("datetime", ""),
        ("builtins", "int"),
    }


def test_each_pure_name_is_one_of_its_package() -> None:
    newer = {("typing", "override")}  # Python 3.12
    for module, names in PURE_NAMES.items():
        here = importlib.import_module(module)
        assert {name for name in names if not hasattr(here, name)} <= {n for _, n in newer}
