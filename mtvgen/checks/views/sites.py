"""The calls in an expression: what is called, with which arguments, and what `**names` hold."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.use_reader import UseReader
from mtvgen.checks.places import Place
from mtvgen.checks.python.inference import element
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.python_types import Type
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.checks.views.callees import (
    Callee,
    ProjectFunction,
    ProjectMethod,
    Redirect,
    Render,
)
from mtvgen.checks.views.calls import (
    POSITIONAL,
    Calls,
    Given,
    Names,
    PendingCall,
    ReturnedNames,
    Site,
    URLCall,
)
from mtvgen.checks.views.dict_names import DictNames, union
from mtvgen.checks.views.wrappers import COMPUTED, finish, merged, pending_render, pending_url_for
from mtvgen.runtime import Application, Request, Templates, redirect, render
from mtvgen.syntax_trees import children

_RENDER = dotted_names(render)
_REDIRECT = dotted_names(redirect)
_TEMPLATES = dotted_names(Templates)
_ASKED_FOR_URLS = dotted_names(Request) | dotted_names(Application)
_PARTIALS = frozenset({"functools.partial", "functools.partialmethod"})
# What a request or an application is called where nothing says what it is.
_CALLED_SO = frozenset({"request", "req", "r", "app", "application"})
# Two nodes in three have nothing inside: without them, reading a file takes 7 % less.
_LEAVES = (ast.Name, ast.Constant)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class CallSites(DictNames):
    """Notes the calls of expressions, under the names that are bound so far.

    Args:
        module: The file.
        sources: The project's files.
    """

    def __init__(self, module: Module, sources: Sources) -> None:
        super().__init__(module, sources)
        self.reader = UseReader(self.types)
        self.calls = Calls(uses=self.reader.uses)
        # The class that is being read; "" outside of any.
        self.class_name = ""
        self._redirected: set[int] = set()

    def look_at(self, node: ast.AST | None) -> None:
        """Find the calls in an expression."""
        if node is None or isinstance(node, _LEAVES):
            return
        if isinstance(node, ast.Attribute):
            self.reader.note_attribute(node)
        elif isinstance(node, ast.Call):
            self._note_call(node)
            self.reader.note_call(node)
        elif isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.reader.note_condition(node)
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            self._look_inside(node)
            return
        for child in children(node):
            self.look_at(child)

    def _look_inside(self, node: ast.AST) -> None:
        """Look into a lambda or a comprehension: an expression with names of its own."""
        before = dict(self.types.names)
        if isinstance(node, ast.Lambda):
            self.look_at(node.args)
            self.types.bind_parameters(node, f"{self.function or self.module.name}.<lambda>")
        elif isinstance(node, _COMPREHENSIONS):
            for generator in node.generators:
                self.look_at(generator.iter)
                self.types.bind(generator.target, element(self.types.type_of(generator.iter)))
        for child in children(node):
            if not isinstance(child, ast.arguments):
                self.look_at(child)
        self.types.names = before

    def _note_call(self, node: ast.Call) -> None:
        site = self.site_of(node)
        if site is None:
            return
        match site.callee:
            case Redirect():
                if not _keeps_method(node):
                    self._redirected.update(id(argument) for argument in node.args)
                self._note_target(node)
            case Render():
                self._note_render(site, node)
            case types.UrlFor(is_certain):
                self._note_url_for(site, is_certain=is_certain)
            case ProjectFunction() | ProjectMethod():
                self.calls.sites.append(site)
            case _:
                assert_never(site.callee)

    def site_of(self, node: ast.Call) -> Site | None:
        """Return a call of something that leads to a render() or a url_for(), or may do so."""
        callee = self._callee(node.func)
        partial = None
        template = self._template_of(node)
        if template is not None:
            callee = Render()
        elif callee is None:
            kind = self.types.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if not isinstance(kind, types.Partial):
                return None
            partial, callee = kind.site, kind.site.callee
        args = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
        given = tuple(self._given(argument) for argument in args)
        if template is not None:
            given = (Given(None, Names()), self._given(template))  # no request, and its name
        site = Site(
            callee,
            self.module.place(node),
            given,
            {
                keyword.arg: self._given(keyword.value)
                for keyword in node.keywords
                if keyword.arg is not None
            },
            {word.arg: self.module.place(word) for word in node.keywords if word.arg is not None},
            union(self.names_in(word.value) for word in node.keywords if word.arg is None),
            is_starred=len(args) != len(node.args),
            redirects=id(node) in self._redirected,
        )
        return merged(partial, site) if partial is not None else site

    def _template_of(self, node: ast.Call) -> ast.expr | None:
        """Return the name in `templates.get("mail.txt").render(name=...)`; None for other calls."""
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(
                        func=ast.Attribute(value=ast.Name(id=owner), attr="get"), args=[name]
                    ),
                    attr="render",
                ),
                args=[],
            ):
                kind = self.types.names.get(owner)
                is_templates = self.sources.resolve(_class_of(kind)) in _TEMPLATES
                return name if is_templates and owner in self.module.once(_sites_own) else None
        return None

    def _given(self, node: ast.expr) -> Given:
        is_literal = isinstance(node, ast.Constant)
        place = self.module.place(node)
        return Given(self.types.type_of(node), self.names_in(node), place, is_literal)

    def _callee(self, node: ast.expr) -> Callee | None:
        kind = self.types.names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(kind, types.UrlFor):
            return kind
        name = self.types.name_of(node)
        if name in _RENDER:
            return Render()
        if name in _REDIRECT:
            return Redirect()
        if name and self.sources.has(name):
            return ProjectFunction(name)
        if isinstance(node, ast.Attribute):
            asked = self.url_for_of(node.value) if node.attr == "url_for" else None
            return asked or self._method(node)
        return None

    def url_for_of(self, receiver: ast.expr) -> types.UrlFor | None:
        """Return the url_for() of what is, or may be, a request or an application."""
        kind = self.types.type_of(receiver)
        kind = kind.annotated if isinstance(kind, types.Parameter) else kind
        if isinstance(kind, types.Instance | types.Returned):
            name = _class_of(kind)
            is_asked = bool(name) and self.sources.resolve(name) in _ASKED_FOR_URLS
            return types.UrlFor(is_certain=True) if is_asked else None
        written = receiver.attr if isinstance(receiver, ast.Attribute) else ""
        written = receiver.id if isinstance(receiver, ast.Name) else written
        return types.UrlFor(is_certain=written in _CALLED_SO)

    def _method(self, node: ast.Attribute) -> ProjectMethod | None:
        """`self.show(...)`, or a method of an object whose class is known."""
        kind = self.types.type_of(node.value)
        is_of_self = isinstance(kind, types.Parameter) and kind.name in ("self", "cls")
        if is_of_self and self.class_name:
            return ProjectMethod(self.class_name, node.attr)
        return ProjectMethod(name, node.attr) if (name := _class_of(kind)) else None

    def _note_render(self, site: Site, node: ast.Call) -> None:
        """Note a call of render() itself."""
        if site.is_starred:
            self.calls.unchecked.append(Unchecked(site.place, "call", COMPUTED[1]))
        elif (mistake := _misuse(site, node)) is not None:
            self.calls.problems.append(Problem(*mistake))
        else:
            self._note_pending(pending_render(site))

    def _note_url_for(self, site: Site, *, is_certain: bool) -> None:
        """Note a call of url_for() itself."""
        if site.is_starred:
            return
        if len(site.args) > 1 and is_certain:
            place = site.args[1].place or site.place
            self.calls.problems.append(Problem("views.url-positional", place, POSITIONAL))
        elif len(site.args) == 1:
            self._note_pending(pending_url_for(site, is_certain=is_certain))

    def _note_pending(self, call: PendingCall) -> None:
        rests = call.names.rests
        if call.depends_on is None and not any(isinstance(rest, ReturnedNames) for rest in rests):
            finish(call, self.calls)
        else:
            self.calls.pending.append(call)

    def _note_target(self, node: ast.Call) -> None:
        """Note the address of a redirect(), where it is written there."""
        if node.args and isinstance(node.args[0], ast.Constant):
            target = node.args[0].value
            if isinstance(target, str):
                place = self.module.place(node.args[0])
                goes_on = not _keeps_method(node)
                call = URLCall(place, target, True, {}, redirects=goes_on, is_target=True)
                self.calls.urls.append(call)

    def partial_of(self, node: ast.expr) -> Site | None:
        """Return what `functools.partial(render, ...)` will call."""
        if not isinstance(node, ast.Call) or self.types.name_of(node.func) not in _PARTIALS:
            return None
        if not node.args:
            return None
        inner = ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords)
        return self.site_of(ast.copy_location(inner, node))

    def note_partial(self, name: str, partial: Site) -> None:
        """Keep what a name calls that is a functools.partial()."""
        self.types.names[name] = types.Partial(partial)
        if not self.function:
            self.calls.partials[f"{self.module.name}.{name}"] = partial

    def note_decorators(self, node: Function, returned: Names) -> None:
        """Note decorators: each is called with the function, and its result may render a page."""
        for decorator in node.decorator_list:
            written = decorator
            if not isinstance(written, ast.Call):
                written = ast.Call(func=decorator, args=[], keywords=[])
                ast.copy_location(written, decorator)
            for part in children(written):
                self.look_at(part)
            callee = self._callee(written.func)
            if isinstance(callee, ProjectFunction):
                site = self.site_of(written)
                assert site is not None  # noqa: S101  # it has a callee
                place = replace(site, answer=returned, place=self.module.place(node))
                self.calls.sites.append(place)
            elif isinstance(decorator, ast.Call):
                self._note_call(decorator)


def _misuse(site: Site, node: ast.Call) -> tuple[str, Place, str] | None:
    """Return what is wrong with the arguments of render() by place.

    The id, the place, a sentence.
    """
    args = site.args
    first = args[0].kind if args else None
    if len(args) == 1 and isinstance(first, types.Literal) and isinstance(first.value, str):
        message = f"write render(request, {first.value!r}, ...)."
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


def _sites_own(module: Module) -> frozenset[str]:
    """Return the names at the top of a file that are bound to `Templates(... / "templates")`.

    Those of another directory have other templates.
    """
    found = set()
    for node in module.tree.body if module.tree is not None else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[directory, *_])):
                last = directory.right if isinstance(directory, ast.BinOp) else directory
                if isinstance(last, ast.Constant) and last.value == "templates":
                    found.add(name)
    return frozenset(found)


def _class_of(kind: Type) -> str:
    """Return the class of `Note()`, or of what is annotated so; empty for others."""
    if isinstance(kind, types.Instance):
        return kind.dotted
    callee = kind.callee if isinstance(kind, types.Returned) else None
    return callee.dotted if isinstance(callee, types.Name) else ""


def _keeps_method(redirect: ast.Call) -> bool:
    """Return whether a redirect makes a browser send the same again: `redirect(url, 307)`."""
    given = [*redirect.args[1:2], *(word.value for word in redirect.keywords)]
    return any(not isinstance(one, ast.Constant) or one.value in (307, 308) for one in given)


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
