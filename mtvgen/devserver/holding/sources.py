"""The project's sources: what each imports, and whether its import has side effects."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from mtvgen.devserver.holding.namespace import Definitions, ImportedName
from mtvgen.devserver.holding.side_effects import definitions_in, imported_names
from mtvgen.project.source_imports import compile_source
from mtvgen.runtime.support.regular_files import read_regular_file

_Import = ast.Import | ast.ImportFrom
_IMPORT_WORD = re.compile(rb"\bimport\b")
# A statement as nearly all are: a line of its own, or names in brackets without a comment. And the
# quotes of texts of several lines, in which such a line is not a statement.
_PLAIN_IMPORT = re.compile(
    rb"\"\"\"|'''|^[ \t]*(?:from [.\w]+ import (?:\([\w\s,]*\)|[\w ,]+)|import [\w., ]+)"
    rb"(?=[ \t]*(?:#|$))",
    re.MULTILINE,
)
# What sees which modules are imported, or what each of them has left elsewhere.
_LOOKING_AROUND = frozenset(
    {
        *("modules", "import_module", "__import__", "resolve_name"),  # of sys, importlib, pkgutil
        *("__subclasses__", "get_objects", "get_referrers", "loggerDict"),
    }
)
_LOOKS_AROUND = re.compile("|".join(_LOOKING_AROUND).encode())


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read.

    Attributes:
        text: Its bytes.
        imports: The modules that its import always imports, and names that may be modules.
        bound: The modules that its import statements may give a name to, wherever they are.
        definitions: What the module holds; None if its import may have side effects.
        looks_around: Whether it mentions `sys.modules` or the like, or something of that name.
    """

    text: bytes
    imports: frozenset[ImportedName]
    bound: frozenset[str]
    definitions: Definitions | None
    looks_around: bool


class Sources:
    """The modules of a project that somebody has imported.

    Attributes:
        files: The file of each.
    """

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._packages: set[str] = set()
        self._read: dict[str, Source | None] = {}
        self._askers: dict[str, set[str]] = {}  # of what a module holds, for their own definitions

    def of(self, name: str) -> Source | None:
        """Return the source of a module; None if it can't be read, or is not the project's."""
        if name not in self._read:
            self._read[name] = None  # for a module that asks for itself
            self._read[name] = self._source_of(name)
        return self._read[name]

    def add(self, files: Mapping[str, str]) -> None:
        """Add modules, each with its file."""
        self.files.update(files)
        self._packages.update(name for name, file in files.items() if _is_package(file))
        self._names.update({file: name for name, file in files.items()})

    def names_of(self, files: Iterable[str]) -> set[str]:
        """Return the modules of files, as far as they are known."""
        return {self._names[file] for file in files if file in self._names}

    def forget(self, names: Iterable[str]) -> None:
        """Read some modules again when they are asked for, and those that depended on them."""
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            self._read.pop(name, None)
            waiting += self._askers.pop(name, ())

    def differ(self, names: Collection[str]) -> bool:
        """Return whether modules, read again, import other things than before, or do others."""
        different = [name for name in names if self._differs(name)]  # all are read again
        return bool(different)

    def compile(self, name: str) -> None:
        """Compile a module as it was read, for its import."""
        if source := self.of(name):
            compile_source(self.files[name], source.text)

    def definitions_of(self, name: str) -> Definitions | None:
        """Return what a module holds; None if its import may have side effects."""
        source = self.of(name) if name in self.files else None
        return source.definitions if source is not None else None

    def looks_around(self) -> bool:
        """Return whether a module may see which others are imported, and in which order.

        In `sys.modules` and the like; or as the attributes of a package.
        """
        sources = filter(None, map(self.of, self.files))
        return any(source.looks_around or source.bound & self._packages for source in sources)

    def always_imported(self) -> set[str]:
        """Return the modules that each start of the project imports."""
        reached: set[str] = set()
        waiting = ["wsgi"]
        while waiting:
            name = waiting.pop()
            if name not in reached and name in self.files:
                reached.add(name)
                waiting.append(name.rpartition(".")[0])
                if source := self.of(name):
                    for read in source.imports:
                        waiting += (read.module, f"{read.module}.{read.name}")
        return reached

    def _differs(self, name: str) -> bool:
        old = self.of(name)
        if old is not None and self._has_the_same_imports(name, old):
            return False
        self.forget([name])
        new = self.of(name)
        return old is None or new is None or _kind(old) != _kind(new)

    def _has_the_same_imports(self, name: str, old: Source) -> bool:
        """Return whether that can be seen without parsing, which takes longer than the import."""
        try:
            text = read_regular_file(self.files[name])
        except OSError:
            return False
        if _LOOKS_AROUND.search(text) or old.bound & self._packages:
            return False
        imports = _plain_imports(text)
        return imports is not None and imports == _plain_imports(old.text)

    def _definitions_for(self, asker: str, name: str) -> Definitions | None:
        if name in self.files:
            self._askers.setdefault(name, set()).add(asker)
        return self.definitions_of(name)

    def _source_of(self, name: str) -> Source | None:
        file = self.files[name]
        package = name if _is_package(file) else name.rpartition(".")[0]
        try:
            text = read_regular_file(file)
            tree = ast.parse(text)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # a worker meets it where it is shown
        top = [each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
        are_all = len(top) == len(_IMPORT_WORD.findall(text))
        everywhere = top if are_all else ast.walk(tree)
        return Source(
            text=text,
            imports=frozenset(_imported(top, package)),
            bound=frozenset(_bound(everywhere, package)),
            definitions=definitions_in(tree, package, partial(self._definitions_for, name)),
            looks_around=bool(_LOOKS_AROUND.search(text)) and any(map(_looks, ast.walk(tree))),
        )


def _plain_imports(text: bytes) -> list[bytes] | None:
    """Return a file's imports, and the quotes around them; None if some are written otherwise."""
    found: list[bytes] = _PLAIN_IMPORT.findall(text)
    imports = [each for each in found if _IMPORT_WORD.search(each)]
    return found if len(imports) == len(_IMPORT_WORD.findall(text)) else None


def _kind(source: Source) -> tuple[object, ...]:
    return source.imports, source.bound, source.looks_around


def _is_package(file: str) -> bool:
    return file.endswith("__init__.py")


def _imported(statements: Iterable[_Import], package: str) -> Iterator[ImportedName]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (ImportedName(alias.name) for alias in statement.names)
        else:
            yield from (origin for _, origin in imported_names(statement, package))


def _bound(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Yield the modules that import statements may give a name to."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, origin in imported_names(node, package):
                is_module = not origin.name or name == "*"
                yield origin.module if is_module else f"{origin.module}.{origin.name}"


def _looks(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(name) | ast.alias(name):
            return name in _LOOKING_AROUND
        case ast.Constant(str(text)):  # getattr(sys, "modules")
            return text in _LOOKING_AROUND
    return False
