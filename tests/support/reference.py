"""The reference as data: sections and tables of a page, and what a class or a command has.

`docs/reference.md` lists every public name below the module that it is imported from, and links
each to the section that owns it. In that section a name, a member or a signature counts where it
is an entry: in code font, in a heading or in the first cell of a row of a table. What stands in an
example, or in the middle of a sentence, is no entry.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mtvgen.runtime.requests.life import RequestLife
from tests.support.pages import without_fences

DOCS = Path(__file__).resolve().parents[2] / "docs"
_SPAN = re.compile(r"(`+)(.+?)\1")
_ROW = re.compile(r"^\|(.+)\|$", re.M)


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, up to the next one of its level."""

    level: int
    title: str
    text: str

    @property
    def anchor(self) -> str:
        return slug(self.title)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every row of its tables; headings of columns left out."""
        return [row for table in self.tables for row in table[1:]]

    @property
    def tables(self) -> list[list[list[str]]]:
        blocks = re.findall(r"(?:^\|.*\|\n?)+", self.text, re.M)
        return [
            [cells(row) for row in _ROW.findall(block) if not re.fullmatch(r"[-:| ]*-[-:| ]*", row)]
            for block in blocks
        ]

    @property
    def entries(self) -> list[str]:
        """Code spans of the headings and of the first cells, those of a table's head included."""
        titles = [self.title, *re.findall(r"^#+ (.+)$", self.text, re.M)]
        cells = [row[0] for table in self.tables for row in table]
        return [span for text in [*titles, *cells] for span in code_spans(text)]

    @property
    def names(self) -> set[str]:
        """What the entries are of: `request.url_for(name, /, **params)` is of `url_for`."""
        found = (re.fullmatch(r"(?:\w+\.)*(\w+)(?:\(.*\)|=.*)?", entry) for entry in self.entries)
        return {match[1] for match in found if match}

    @property
    def spans(self) -> list[str]:
        """Everything in code font."""
        return code_spans(f"{self.title}\n{self.text}")

    def signatures_of(self, name: str) -> list[str]:
        """The arguments of every call of a name in code font: `path, view, *, name=None`."""
        found = (re.fullmatch(rf"(?:\w+\.)*{name}\((.*)\)", span) for span in self.spans)
        return [match[1] for match in found if match]


def sections(page: Path) -> list[Section]:
    """Every section of a page, examples left out."""
    text = without_fences(page.read_text(encoding="utf-8"))
    heads = list(re.finditer(r"^(#+) (.+)$", text, re.M))
    found = []
    for number, head in enumerate(heads):
        level = len(head[1])
        later = (other.start() for other in heads[number + 1 :] if len(other[1]) <= level)
        found.append(Section(level, head[2], text[head.end() : next(later, len(text))]))
    return found


def section(page: Path, anchor: str) -> Section:
    """The section of an anchor; the whole page where there is none."""
    wanted = [each for each in sections(page) if not anchor or each.anchor == anchor]
    assert wanted, f"{page.name} has no heading #{anchor}"
    return wanted[0]


def slug(heading: str) -> str:
    """A heading's anchor: GitHub's rule, and that of pymdownx.slugs.slugify(case="lower").

    Where two headings of a page are alike, the two number them differently: no link may need it.
    """
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def code_spans(text: str) -> list[str]:
    return [span[2].strip().replace("\\|", "|") for span in _SPAN.finditer(text)]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]


@dataclass(frozen=True)
class Name:
    """A public name: where it is imported from, and the section that owns it."""

    module: str
    name: str
    page: str
    anchor: str
    is_made: bool  # whether it is written with (), so that its signature is a promise

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def value(self) -> object:
        return getattr(import_module(self.module), self.name)

    @property
    def section(self) -> Section:
        return section(DOCS / self.page, self.anchor)


def names() -> Iterator[Name]:
    """Every row of docs/reference.md."""
    for part in sections(DOCS / "reference.md"):
        for module in [span for span in code_spans(part.title) if span.startswith("mtvgen")]:
            for row in part.rows:
                link = re.fullmatch(
                    r"\[`(\w+)(\(\))?`\]\(((?:howto/)?[\w-]+\.md)(?:#(\S+))?\)", row[0]
                )
                assert link, f"docs/reference.md: {row[0]} is no linked name"
                yield Name(module, link[1], link[3], link[4] or "", bool(link[2]))


def members(cls: type) -> dict[str, object]:
    """The public attributes and methods of a class; those of other packages are theirs to tell."""
    found: dict[str, object] = {}
    for base in cls.__mro__:
        ours = base.__module__.startswith("mtvgen")
        if ours or base.__module__ == "collections.abc":
            found |= {name: value for name, value in vars(base).items() if name not in found}
        if ours:
            declared = [*vars(base).get("__annotations__", {}), *_set_in_init(base)]
            found |= {name: None for name in declared if name not in found}
    # What the runtime's own layers share is documented where it stands.
    shared = set(RequestLife.__annotations__) if issubclass(cls, RequestLife) else set()
    return {
        name: value
        for name, value in found.items()
        if not name.startswith("_") and name not in shared
    }


def _set_in_init(cls: type) -> Iterator[str]:
    """`self.name = ...` in a class's own `__init__`."""
    init = vars(cls).get("__init__")
    if not inspect.isfunction(init) or init.__code__.co_filename == "<string>":  # a dataclass's
        return
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(init)))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


Parameters = list[tuple[str, object]]


def parameters(signature: inspect.Signature) -> Parameters:
    """Names with their defaults; `*` stands before what is taken by keyword alone."""
    found: Parameters = []
    for one in signature.parameters.values():
        if one.name in ("self", "cls"):
            continue
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        if one.kind is one.KEYWORD_ONLY and not any(name.startswith("*") for name, _ in found):
            found.append(("*", ...))
        found.append((stars + one.name, None if stars else one.default))
    return found


def written(signature: str) -> Parameters | None:
    """The same of what a page says; None for what is a call and no signature.

    `/` may be left out, and `=...` stands for a default that a table tells.
    """
    try:
        (function,) = ast.parse(f"def f({signature}): pass").body
    except SyntaxError:
        return None
    source = inspect.Signature
    namespace: dict[str, object] = {}
    try:
        exec(compile(ast.Module([function], []), "docs", "exec"), namespace)
    except NameError:
        return None
    made = source.from_callable(namespace["f"])  # type: ignore[arg-type]
    return parameters(made)


def agree(said: Parameters, real: Parameters) -> bool:
    """Whether a page's signature is the real one; `...` is true of every default."""
    return [name for name, _ in said] == [name for name, _ in real] and all(
        one == other or (one is ... and other is not inspect.Parameter.empty)
        for (_, one), (_, other) in zip(said, real, strict=True)
    )
