"""The calls in an expression: what is called, with which arguments, and what `**names` hold."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from mtvgen.checks.facts import Type
from mtvgen.checks.places import Place
from mtvgen.checks.python.inference import Inference, element
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Module, Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.checks.views.calls import (
    POSITIONAL,
    UNKNOWN_NAMES,
    Calls,
    Given,
    Names,
    Site,
    URLCall,
)
from mtvgen.checks.views.wrappers import COMPUTED, finish, merged, pending_call
from mtvgen.runtime import Application, Request, redirect, render

_RENDER = dotted_names(render)
_REDIRECT = dotted_names(redirect)
_ASKED_FOR_URLS = dotted_names(Request) | dotted_names(Application)
_PARTIALS = frozenset({"functools.partial", "functools.partialmethod"})
# What a request or an application is called where nothing says what it is.
_CALLED_SO = frozenset({"request", "req", "r", "app", "application"})
# Methods that put more into a list or a dict.
_GROW = frozenset({"append", "appendleft", "insert", "add", "extend", "update", "setdefault"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class CallSites:
    """Notes the calls of expressions, under the names that are bound so far.

    Args:
        module: The file.
        sources: The project's files.
    """

    def __init__(self, module: Module, sources: Sources) -> None:
        self.module = module
        self.sources = sources
        self.calls = Calls()
        self.types = Inference(module, sources)
        # The dicts whose names are known, by what they are called.
        self.records: dict[str, Names] = {}
        # The function, and the class, that is being read; "" at the top.
        self.function = ""
        self.class_name = ""
        self._redirected: set[int] = set()
        self._bound_once = _bound_once(module)

    def is_lasting(self, name: str, kind: Type) -> bool:
        """Whether a name has this type whenever a function inside reads it."""
        sort = kind[0] if kind is not None else ""
        if self.function:
            return sort in ("param", "name", "partial", "url_for", "const")
        return name in self._bound_once and sort in ("const", "callof", "inst", "partial")

    def bind(self, target: ast.expr, kind: Type, value: ast.expr | None = None) -> None:
        """Give a target its type, and the names that it holds as a dict."""
        if isinstance(target, ast.Subscript):
            self._store_item(target, value, kind)
        elif isinstance(target, ast.Name) and value is not None:
            names = self.names_in(value)
            before = self.records.get(target.id) if self.types.branches else None
            self.records[target.id] = names | before if before is not None else names
        elif isinstance(target, ast.Name):
            self.records.pop(target.id, None)
        self.types.bind(target, kind)

    def _store_item(self, target: ast.Subscript, value: ast.expr | None, kind: Type) -> None:
        """`context["title"] = ...`, and a list that gets an element."""
        if not isinstance(target.value, ast.Name):
            return
        name = target.value.id
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if name in self.records:
            added = Names({key: kind}) if isinstance(key, str) else UNKNOWN_NAMES
            self.records[name] |= added
        whole = kind if isinstance(target.slice, ast.Slice) else ("list", kind)
        self.types.mix(name, element(whole))

    def note_changes(self, node: ast.expr) -> None:
        """What a call that is a statement does to lists and dicts: it puts something into them."""
        if not isinstance(node, ast.Call):
            return
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(receiver, ast.Name) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _GROW:
                self._grow(receiver.id, node.func.attr, node)
            return
        for argument in node.args:
            if isinstance(argument, ast.Name):
                self.types.mix(argument.id, None)
                if argument.id in self.records:
                    self.records[argument.id] |= UNKNOWN_NAMES

    def _grow(self, name: str, method: str, node: ast.Call) -> None:
        added = self.types.type_of(node.args[-1]) if node.args else None
        self.types.mix(name, element(added) if method in ("extend", "update") else added)
        if name not in self.records:
            return
        if method == "update":
            self.records[name] |= self._passed(node.keywords)
            for argument in node.args:
                self.records[name] |= self.names_in(argument)
        elif method == "setdefault" and node.args:
            key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            self.records[name] |= Names({key: added}) if isinstance(key, str) else UNKNOWN_NAMES

    def names_in(self, node: ast.expr | None) -> Names:
        """The names that a dict holds; open where that is not known."""
        if isinstance(node, ast.Constant) and node.value is None:
            return Names()
        if isinstance(node, ast.Name):
            return self._names_of(node)
        if isinstance(node, ast.Dict):
            return self._names_of_literal(node)
        if isinstance(node, ast.BoolOp):
            return _union(self.names_in(value) for value in node.values)
        if isinstance(node, ast.IfExp):
            return self.names_in(node.body) | self.names_in(node.orelse)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.names_in(node.left) | self.names_in(node.right)
        return self._names_of_call(node) if isinstance(node, ast.Call) else UNKNOWN_NAMES

    def _names_of(self, node: ast.Name) -> Names:
        kind = self.types.names.get(node.id)
        if kind is not None and kind[0] == "param" and node.id not in self.records:
            return Names(rests=(("param", kind[1], kind[2]),))
        return self.records.get(node.id, UNKNOWN_NAMES)

    def _names_of_literal(self, node: ast.Dict) -> Names:
        names = Names()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                names |= self.names_in(value)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                names |= Names({key.value: self.types.type_of(value)})
            else:
                names |= UNKNOWN_NAMES
        return names

    def _names_of_call(self, node: ast.Call) -> Names:
        kind = self.types.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if kind is not None and kind[0] == "param":
            return Names(rests=(("answer", kind[1]),))
        name = self.types.name_of(node.func)
        if name == "dict":
            given = _union(self.names_in(argument) for argument in node.args)
            return given | self._passed(node.keywords)
        if name and self.sources.find_function(name) is not None:
            return Names(rests=(("returns", name),))
        return UNKNOWN_NAMES

    def _passed(self, keywords: Iterable[ast.keyword]) -> Names:
        """The names of keywords, and of what `**` passes among them."""
        names = Names()
        for keyword in keywords:
            if keyword.arg is None:
                names |= self.names_in(keyword.value)
            else:
                names |= Names({keyword.arg: self.types.type_of(keyword.value)})
        return names

    def look_at(self, node: ast.AST | None) -> None:
        """Find the calls in an expression."""
        if node is None:
            return
        if isinstance(node, ast.Call):
            self._note_call(node)
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            self._look_inside(node)
            return
        for child in ast.iter_child_nodes(node):
            self.look_at(child)

    def _look_inside(self, node: ast.AST) -> None:
        """A lambda, or a comprehension: an expression with names of its own."""
        before = dict(self.types.names)
        if isinstance(node, ast.Lambda):
            self.look_at(node.args)
            self.types.bind_parameters(node, f"{self.function or self.module.name}.<lambda>")
        elif isinstance(node, _COMPREHENSIONS):
            for generator in node.generators:
                self.look_at(generator.iter)
                self.types.bind(generator.target, element(self.types.type_of(generator.iter)))
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.arguments):
                self.look_at(child)
        self.types.names = before

    def _note_call(self, node: ast.Call) -> None:
        site = self.site_of(node)
        if site is None:
            return
        if site.callee == ("redirect",):
            self._redirected.update(id(argument) for argument in node.args)
            self._note_target(node)
        elif site.callee[0] in ("render", "url_for"):
            self._note_own(site, node)
        else:
            self.calls.sites.append(site)

    def site_of(self, node: ast.Call) -> Site | None:
        """A call of something that leads to a render() or a url_for(), or may do so."""
        callee = self._callee(node.func)
        partial = None
        if callee is None:
            kind = self.types.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if kind is None or kind[0] != "partial":
                return None
            partial, callee = kind[1], kind[1].callee
        args = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
        site = Site(
            callee,
            self.module.place(node),
            tuple(self._given(argument) for argument in args),
            {
                keyword.arg: self._given(keyword.value)
                for keyword in node.keywords
                if keyword.arg is not None
            },
            {word.arg: self.module.place(word) for word in node.keywords if word.arg is not None},
            _union(self.names_in(word.value) for word in node.keywords if word.arg is None),
            is_starred=len(args) != len(node.args),
            redirects=id(node) in self._redirected,
        )
        return merged(partial, site) if partial is not None else site

    def _given(self, node: ast.expr) -> Given:
        is_literal = isinstance(node, ast.Constant)
        place = self.module.place(node)
        return Given(self.types.type_of(node), self.names_in(node), place, is_literal)

    def _callee(self, node: ast.expr) -> tuple[object, ...] | None:
        kind = self.types.names.get(node.id) if isinstance(node, ast.Name) else None
        if kind is not None and kind[0] == "url_for":
            return kind
        name = self.types.name_of(node)
        if name in _RENDER:
            return ("render",)
        if name in _REDIRECT:
            return ("redirect",)
        if name and self.sources.has(name):
            return ("function", name)
        if isinstance(node, ast.Attribute):
            is_asked = node.attr == "url_for" and self.is_url_for(node.value)
            return is_asked or self._method(node)
        return None

    def is_url_for(self, receiver: ast.expr) -> tuple[object, ...] | None:
        """Whether the url_for() of something is that of a request or an application.

        Returns:
            `("url_for", True)`, `("url_for", False)` where it may be, and None where it is not.
        """
        kind = self.types.type_of(receiver)
        annotated = kind[3] if kind is not None and kind[0] == "param" else kind
        if annotated is not None and annotated[0] in ("inst", "callof"):
            name = self.sources.resolve(annotated[1][1]) if annotated[1][0] == "name" else ""
            return ("url_for", True) if name in _ASKED_FOR_URLS else None
        written = receiver.attr if isinstance(receiver, ast.Attribute) else ""
        written = receiver.id if isinstance(receiver, ast.Name) else written
        return ("url_for", written in _CALLED_SO)

    def _method(self, node: ast.Attribute) -> tuple[object, ...] | None:
        """`self.show(...)`, or a method of an object whose class is known."""
        kind = self.types.type_of(node.value)
        is_of_self = kind is not None and kind[0] == "param" and kind[2] in ("self", "cls")
        if is_of_self and self.class_name:
            return ("method", self.class_name, node.attr)
        if kind is not None and kind[0] in ("inst", "callof") and kind[1][0] == "name":
            return ("method", kind[1][1], node.attr)
        return None

    def _note_own(self, site: Site, node: ast.Call) -> None:
        """A call of render() or url_for() itself."""
        is_render = site.callee[0] == "render"
        if site.is_starred:
            if is_render:
                self.calls.unchecked.append(Unchecked(site.place, "call", COMPUTED[1]))
            return
        mistake = _misuse(site, node) if is_render else None
        if not is_render and len(site.args) > 1 and site.callee[1]:
            mistake = ("views.url-positional", site.args[1].place or site.place, POSITIONAL)
        if mistake is not None:
            self.calls.problems.append(Problem(*mistake))
            return
        if not is_render and len(site.args) != 1:
            return
        call = pending_call(site)
        if call.depends_on is None and not any(rest[0] == "returns" for rest in call.names.rests):
            finish(call, self.calls)
        else:
            self.calls.pending.append(call)

    def _note_target(self, node: ast.Call) -> None:
        """The address of a redirect(), where it is written there."""
        if node.args and isinstance(node.args[0], ast.Constant):
            target = node.args[0].value
            if isinstance(target, str):
                place = self.module.place(node.args[0])
                call = URLCall(place, target, True, {}, is_target=True)
                self.calls.urls.append(call)

    def partial_of(self, node: ast.expr) -> Site | None:
        """What `functools.partial(render, ...)` will call."""
        if not isinstance(node, ast.Call) or self.types.name_of(node.func) not in _PARTIALS:
            return None
        if not node.args:
            return None
        inner = ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords)
        return self.site_of(ast.copy_location(inner, node))

    def note_partial(self, name: str, partial: Site) -> None:
        """Keep what a name calls that is a functools.partial()."""
        self.types.names[name] = ("partial", partial)
        if not self.function:
            self.calls.partials[f"{self.module.name}.{name}"] = partial

    def note_decorators(self, node: Function, returned: Names) -> None:
        """A decorator is called with the function, and what it makes of it may render a page."""
        for decorator in node.decorator_list:
            written = decorator
            if not isinstance(written, ast.Call):
                written = ast.Call(func=decorator, args=[], keywords=[])
                ast.copy_location(written, decorator)
            for part in ast.iter_child_nodes(written):
                self.look_at(part)
            callee = self._callee(written.func)
            if callee is not None and callee[0] == "function":
                site = self.site_of(written)
                assert site is not None  # noqa: S101  # it has a callee
                place = replace(site, answer=returned, place=self.module.place(node))
                self.calls.sites.append(place)
            elif isinstance(decorator, ast.Call):
                self._note_call(decorator)


def _union(names: Iterable[Names]) -> Names:
    union = Names()
    for more in names:
        union |= more
    return union


def _misuse(site: Site, node: ast.Call) -> tuple[str, Place, str] | None:
    """What is wrong with the arguments of render() by place: the id, the place, a sentence."""
    args = site.args
    first = args[0].kind if args else None
    if len(args) == 1 and first is not None and first[0] == "const" and isinstance(first[1], str):
        message = f"write render(request, {first[1]!r}, ...)."
        return "views.render-request", args[0].place or site.place, message
    if len(args) < 2:
        message = "render() takes the request and the template's name."
        return "views.render-request", site.place, message
    if len(args) > 2:
        message = "render() takes what the template uses by name"
        third = node.args[2] if len(node.args) == len(args) else None
        message = f"{message}: render(request, ..., {_by_name(third)})."
        return "views.render-positional", args[2].place or site.place, message
    return None


def _by_name(value: ast.expr | None) -> str:
    """`note=note` for `note`, and for `{"note": find()}`."""
    if isinstance(value, ast.Name):
        return f"{value.id}={value.id}"
    if isinstance(value, ast.Dict):
        for key, item in zip(value.keys, value.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            if isinstance(name, str) and name.isidentifier():
                return f"{name}={ast.unparse(item):.40}"
    return "name=value"


def _bound_once(module: Module) -> frozenset[str]:
    """The names that one statement of the file's top binds, and no function changes."""
    counts: dict[str, int] = {}
    changed: set[str] = set()
    waiting: list[ast.AST] = [module.tree] if module.tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            counts[node.id] = counts.get(node.id, 0) + 1
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = (part for part in ast.walk(node) if isinstance(part, ast.Global))
            changed |= {name for part in inside for name in part.names}
            continue
        waiting += ast.iter_child_nodes(node)
    return frozenset(name for name, count in counts.items() if count == 1) - changed
