"""Edits of a Python file, whose places the syntax tree gives: all the rest stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mtvgen.add.python_names import (
    following_alias,
    module_of,
    package_of,
    targets_of,
)
from mtvgen.add.source_text import NotPlacedError, SourceText

LONGEST_LINE = 100  # characters; an import that would pass it gets a line of its own
# What may follow an item on its line: a comma, and a comment.
_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*(#[^\r\n]*)?(?=[\r\n])")


class PythonFile:
    """A Python file that is to be edited.

    Raises:
        NotPlacedError: It can't be read as Python.
    """

    def __init__(self, data: bytes) -> None:
        self._source = SourceText.read(data)
        try:
            self._tree = ast.parse(self._source.text)
        except (SyntaxError, ValueError) as error:
            raise NotPlacedError("it is not valid Python") from error
        self._insertions: list[tuple[int, str]] = []
        self._replacements: list[tuple[int, int, str]] = []

    def edited(self) -> bytes:
        """Return the bytes of the file with its edits.

        Raises:
            NotPlacedError: They would make something else of it than Python.
        """
        data = self._source.with_replacements(
            [*((start, start, text) for start, text in self._insertions), *self._replacements]
        )
        try:
            ast.parse(data)
        except SyntaxError as error:
            raise NotPlacedError("it is written in a way that mtvgen can't edit") from error
        return data

    def mentions(self, expression: str) -> bool:
        """Return whether an expression is anywhere in it."""
        return self._expression(expression) is not None

    def with_expression(self, old: str, new: str) -> bytes:
        """Return the bytes of the file with an expression instead of another, where it has that."""
        found = self._expression(old)
        if found is not None:
            self._replacements.append((self._start(found), self._end(found), new))
        return self.edited()

    def _expression(self, text: str) -> ast.expr | None:
        wanted = ast.dump(ast.parse(text, mode="eval").body)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.expr) and ast.dump(node) == wanted:
                return node
        return None

    def imported(self, module: str, name: str, *, level: int = 0) -> str:
        """Import a name unless it is imported already.

        Args:
            module: Where from; without dots in front.
            name: What.
            level: The number of those dots.

        Returns:
            What the file calls it.
        """
        known = self._known_as(module, name, level)
        if known:
            return known
        taken = name in set(self._names_bound())
        local = f"{module.rpartition('.')[2]}_{name}" if taken else name
        written = f"{name} as {local}" if taken else name
        statement = self._import_from(module, level)
        if statement is None or not self._join(statement, name, written):
            self._import_in_a_line(f"{'.' * level}{module}", written)
        return local

    def add_to_list(
        self, items: ast.List | ast.Tuple, item: str, after: ast.expr | None = None
    ) -> None:
        """Add an item to a list that is written out.

        Args:
            items: The list.
            item: What to add, as Python.
            after: The item to put it behind; None: the last one.
        """
        anchor = after or (items.elts[-1] if items.elts else None)
        if anchor is None:
            self._insertions.append((self._start(items) + 1, item))
        else:
            self._add_behind(anchor, item)

    def add_in_front(
        self, following: ast.expr | ast.alias, item: str, *, in_lines: bool = True
    ) -> None:
        """Add an item in front of another one, in a line of its own where that one has one."""
        offset = self._start(following)
        indent = self._source.indent_of(offset) if in_lines else None
        separator = ", " if indent is None else f",\n{indent}"
        self._insertions.append((offset, f"{item}{separator}"))

    def list_named(self, name: str, *, anywhere: bool = False) -> ast.List | ast.Tuple | None:
        """Return the list that a name is bound to, where it is written out.

        Args:
            name: The name.
            anywhere: In functions as well, and not only at the top.
        """
        found = None
        for statement in ast.walk(self._tree) if anywhere else self._tree.body:
            if isinstance(statement, ast.stmt) and name in targets_of(statement):
                value = getattr(statement, "value", None)
                found = value if isinstance(value, ast.List | ast.Tuple) else None
        return found

    def add_below(self, name: str, line: str) -> None:
        """Add a line behind the last statement that binds a name at the top.

        Raises:
            NotPlacedError: None does.
        """
        binding = [each for each in self._tree.body if name in targets_of(each)]
        if not binding:
            raise NotPlacedError(f"nothing at its top level is called {name!r}")
        imports = [
            each for each in self._tree.body if isinstance(each, ast.Import | ast.ImportFrom)
        ]
        last = imports[-1] if binding[-1] in imports else binding[-1]
        self._insertions.append((self._source.line_end(self._end(last)), f"\n{line}"))

    def function_named(self, name: str) -> ast.FunctionDef | None:
        """Return the function that a name is bound to at the top."""
        functions = [each for each in self._tree.body if isinstance(each, ast.FunctionDef)]
        return next((each for each in reversed(functions) if each.name == name), None)

    def rename(self, function: ast.FunctionDef, name: str) -> None:
        """Give a function another name, where it is defined."""
        start = self._start(function)
        found = re.compile(rf"def\s+({re.escape(function.name)})\b").match(self._source.text, start)
        if found is None:
            raise NotPlacedError(f"the name of {function.name}() is not where it was expected")
        self._replacements.append((*found.span(1), name))

    def add_behind(self, statement: ast.stmt, text: str) -> None:
        """Add lines behind a statement, and two empty ones between them."""
        end = self._source.line_end(self._end(statement))
        self._insertions.append((end, f"\n\n\n{text}"))

    def argument(self, function: str, keyword: str) -> ast.expr | None:
        """Return the value of a keyword in the first call of a function that has it."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and self.original_name(node.func) == function:
                for word in node.keywords:
                    if word.arg == keyword:
                        return word.value
        return None

    def original_name(self, node: ast.expr) -> str:
        """Return what a name was called where it was imported from; itself if it was not."""
        if isinstance(node, ast.Attribute):
            return node.attr
        if not isinstance(node, ast.Name):
            return ""
        for statement in self._tree.body:
            if isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    if (alias.asname or alias.name) == node.id:
                        return alias.name
        return node.id

    def levels_of_imports(self, package: str) -> set[int]:
        """Return how its modules are imported: 0 by the package's name, 1 with a dot in front."""
        return {
            statement.level
            for statement in self._tree.body
            if isinstance(statement, ast.ImportFrom)
            and (statement.level == 1 or (statement.module or "").startswith(f"{package}."))
        }

    def _known_as(self, module: str, name: str, level: int) -> str:
        for statement in self._tree.body:
            if isinstance(statement, ast.ImportFrom):
                if (statement.module or "", statement.level) == (module, level):
                    for alias in statement.names:
                        if alias.name == name:
                            return alias.asname or name
            elif isinstance(statement, ast.Import) and not level:
                for alias in statement.names:
                    if alias.name == module:
                        return f"{alias.asname or module}.{name}"
        return ""

    def _import_from(self, module: str, level: int) -> ast.ImportFrom | None:
        for statement in self._tree.body:
            if (
                isinstance(statement, ast.ImportFrom)
                and (statement.module or "", statement.level) == (module, level)
                and statement.names[0].name != "*"
            ):
                return statement
        return None

    def _join(self, statement: ast.ImportFrom, name: str, written: str) -> bool:
        """Add a name to an import, in its order; return False if its line has no room for it."""
        in_parentheses = ")" in self._source.text[self._start(statement) : self._end(statement)]
        is_one_line = statement.lineno == statement.end_lineno
        if is_one_line and (statement.end_col_offset or 0) + len(written) + 2 > LONGEST_LINE:
            return False
        following = following_alias(statement.names, name)
        if following is None:
            self._add_behind(statement.names[-1], written, in_lines=in_parentheses)
            return True
        self.add_in_front(following, written, in_lines=in_parentheses)
        return True

    def _import_in_a_line(self, module: str, written: str) -> None:
        """Import in a line of its own: among the imports of the same package, or behind all."""
        line = f"from {module} import {written}"
        imports = [
            each for each in self._tree.body if isinstance(each, ast.Import | ast.ImportFrom)
        ]
        related = [each for each in imports if package_of(module_of(each)) == package_of(module)]
        later = next((each for each in related if module_of(each).lower() > module.lower()), None)
        first = self._tree.body[:1]
        if later is not None:
            self._insertions.append((self._start(later), f"{line}\n"))
        elif imports:
            end = self._source.line_end(self._end((related or imports)[-1]))
            self._insertions.append((end, f"\n{line}"))
        elif first and isinstance(first[0], ast.Expr):  # a docstring
            end = self._source.line_end(self._end(first[0]))
            self._insertions.append((end, f"\n\n{line}"))
        else:
            self._insertions.append((self._start(first[0]) if first else 0, f"{line}\n"))

    def _add_behind(
        self, anchor: ast.expr | ast.alias, item: str, *, in_lines: bool = True
    ) -> None:
        end = self._end(anchor)
        indent = self._source.indent_of(self._start(anchor)) if in_lines else None
        rest = _REST_OF_LINE.match(self._source.text, end)
        if indent is None or rest is None:
            self._insertions.append((end, f", {item}"))
        elif rest[1]:
            self._insertions.append((rest.end(), f"\n{indent}{item},"))
        else:
            self._insertions += [(end, ","), (rest.end(), f"\n{indent}{item}")]

    def _names_bound(self) -> Iterator[str]:
        for statement in self._tree.body:
            yield from targets_of(statement)
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for alias in statement.names:
                    yield alias.asname or alias.name.partition(".")[0]
            elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
                yield statement.name

    def _start(self, node: ast.stmt | ast.expr | ast.alias) -> int:
        return self._source.offset(node.lineno, node.col_offset)

    def _end(self, node: ast.stmt | ast.expr | ast.alias) -> int:
        assert node.end_lineno is not None  # noqa: S101  # ast.parse() gives both
        assert node.end_col_offset is not None  # noqa: S101
        return self._source.offset(node.end_lineno, node.end_col_offset)


def importing(data: bytes, module: str, name: str, level: int = 0) -> tuple[bytes, str]:
    """Return a file that imports a name, and what it calls it.

    Args:
        data: The file.
        module: Where from; without dots in front.
        name: What.
        level: The number of those dots.
    """
    file = PythonFile(data)
    local = file.imported(module, name, level=level)
    return file.edited(), local
