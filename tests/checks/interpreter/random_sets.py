"""Random sets of templates, and what Jinja2 itself says of them.

A set is a page with its parents, partials and macros, and one render call. What the call passes is
partly written there as a literal and partly unknown; the judge renders the page with each play of
the unknown values, under StrictUndefined, and says whether any of them raises.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jinja2

SCALARS = ["a", "b", "c", "d"]
LISTS = ["xs", "ys"]
OBJECTS = ["note", "user"]
ATTRIBUTES = ["title", "text"]
PASSED = [*SCALARS, *LISTS, *OBJECTS, "notes"]
LOCALS = ["s", "t", "a", "u"]
BLOCKS = ["head", "main", "foot"]
LITERALS: list[Any] = [True, False, "edit", "show", 0, 1]


class Note:
    """An object with the two attributes that the checks know of."""

    def __init__(self, title: str, text: str) -> None:
        self.title = title
        self.text = text

    def __bool__(self) -> bool:
        return bool(self.title)


@dataclass
class TemplateSet:
    """Templates and one render call of `page.html`."""

    sources: dict[str, str]
    constants: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def plays(self) -> Iterator[dict[str, Any]]:
        """Every combination of the values that what is not known may have."""
        written = set(re.findall(r"\w+", " ".join(self.sources.values())))
        choices = [_values(name) if name in written else [None] for name in self.unknown]
        for values in itertools.product(*choices):
            yield {**self.constants, **dict(zip(self.unknown, values, strict=True))}

    def raises(self) -> BaseException | None:
        """What rendering raises, for the first play that raises something."""
        environment = jinja2.Environment(
            loader=jinja2.DictLoader(self.sources), undefined=jinja2.StrictUndefined
        )
        for names in self.plays():
            try:
                environment.get_template("page.html").render(**names)
            except Exception as error:
                return error
        return None


def _values(name: str) -> list[Any]:
    if name in LISTS:
        return [["x", "", "edit"], []]
    if name == "notes":
        return [[Note("", "edit"), Note("edit", "")], []]
    if name in OBJECTS:
        return [Note("", "edit"), Note("edit", "")]
    return ["text", "", "edit"]


def random_set(seed: int) -> TemplateSet:
    """The set of a seed."""
    return _Author(random.Random(seed)).write()


class _Author:
    """Writes templates, mostly sensible ones."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.macros: dict[str, list[tuple[str, int, int, bool]]] = {}
        self.sources: dict[str, str] = {}
        self.depth = 0

    def write(self) -> TemplateSet:
        chance = self.chance
        slip = chance.choice([0.0, 0.0, 0.03, 0.08])
        self.slip = slip
        for name in ("macros.html", "fields.html"):
            self.sources[name] = self._module(name)
        for name in ("part.html", "item.html"):
            self.sources[name] = self._body(3, [], {name})
        chain = ["page.html", "base.html", "root.html"][: chance.choice([1, 2, 2, 2, 3])]
        for child, parent in itertools.zip_longest(chain, chain[1:]):
            self.sources[child] = self._page(parent)
        constants = {name: chance.choice(LITERALS) for name in SCALARS if chance.random() < 0.55}
        unknown = [name for name in PASSED if name not in constants]
        gone = {name for name in PASSED if chance.random() < slip}
        for name in gone:
            constants.pop(name, None)
        return TemplateSet(self.sources, constants, [name for name in unknown if name not in gone])

    def _page(self, parent: str | None) -> str:
        if parent is None:
            return self._top()
        start = f"{{% extends {parent!r} %}}"
        if self._one_in(12):
            start = f"{{% extends {parent!r} if {self._test([])} else {parent!r} %}}"
        elif self._one_in(15):
            start = f"{{% if {self._test([])} %}}{start}{{% endif %}}"
        return start + self._top()

    def _top(self) -> str:
        parts, bound = [], []
        for _ in range(self.chance.randint(2, 6)):
            roll = self.chance.random()
            if roll < 0.25:
                text, name = self._set(bound)
                bound.append(name)
                parts.append(text)
            elif roll < 0.4:
                text, names = self._import()
                parts.append(text)
                bound += names
            else:
                parts.append(self._statement(2, bound))
        names = self.chance.sample(BLOCKS, self.chance.randint(1, 3))
        parts += [self._block(name, bound) for name in names]
        if self._one_in(3):
            self.chance.shuffle(parts)
        return "\n".join(parts)

    def _block(self, name: str, bound: list[str]) -> str:
        scoped = " scoped" if self._one_in(6) else ""
        inner = self._super() if self._one_in(4) else ""
        body = self._body(3, [one for one in bound if one not in ("i", "loop")], set())
        text = f"{{% block {name}{scoped} %}}{inner}{body}{{% endblock %}}"
        if self._one_in(12):
            return f"{{% for i in {self._list(bound)} %}}{text}{{% endfor %}}"
        if self._one_in(12):
            return f"{{% if {self._test(bound)} %}}{text}{{% endif %}}"
        return text

    def _super(self) -> str:
        # Where there is no parent this is a mistake, so it is rare.
        return "{{ super() }}" if self.chance.random() < 0.1 + self.slip else ""

    def _body(self, size: int, bound: list[str], without: set[str]) -> str:
        bound = list(bound)
        parts = []
        for _ in range(self.chance.randint(1, max(size, 1))):
            if self._one_in(4):
                text, name = self._set(bound)
                bound.append(name)
            else:
                text = self._statement(size - 1, bound, without)
            parts.append(text)
        return " ".join(parts)

    def _statement(self, size: int, bound: list[str], without: set[str] | None = None) -> str:
        without = without or set()
        self.depth += 1
        try:
            if size <= 0 or self.depth > 6:
                return self._output(bound)
            kind = self.chance.choice(
                ["output"] * 5
                + ["if"] * 3
                + ["for"] * 2
                + ["with", "filter", "setblock", "include", "call", "scope", "macro", "ternary"]
                + ["guard", "guard", "import"]
            )
            return str(getattr(self, f"_{kind}_statement")(size, bound, without))
        finally:
            self.depth -= 1

    def _output_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        return self._output(bound)

    def _output(self, bound: list[str]) -> str:
        return f"{{{{ {self._expression(bound)} }}}}"

    def _if_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        text = f"{{% if {self._test(bound)} %}}{self._body(size, bound, without)}"
        if self._one_in(3):
            text += f"{{% elif {self._test(bound)} %}}{self._body(size, bound, without)}"
        if self._one_in(2):
            text += f"{{% else %}}{self._body(size, bound, without)}"
        return text + "{% endif %}"

    def _guard_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        name = self._name(bound, wild=True)
        use = f"{{{{ {name} }}}}" + self._body(size - 1, bound, without)
        if self._one_in(2):
            return f"{{% if {name} is defined %}}{use}{{% endif %}}"
        other = f"{{% set {name} = 1 %}}" if self._one_in(2) else "x"
        return f"{{% if {name} is not defined %}}{other}{{% else %}}{use}{{% endif %}}"

    def _ternary_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        one, other = self._expression(bound), self._expression(bound)
        return f"{{{{ {one} if {self._test(bound)} else {other} }}}}"

    def _for_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        target = self.chance.choice(["i", "i", "j", "s"])
        test = f" if {self._test([*bound, target])}" if self._one_in(6) else ""
        source = self._list(bound)
        inner = [*bound, target, *(["loop.index"] if self._one_in(2) else [])]
        body = self._body(size, inner, without)
        if source == "notes":
            body += f"{{{{ {target}.{self._attribute()} }}}}"
        other = f"{{% else %}}{self._body(1, bound, without)}" if self._one_in(3) else ""
        return f"{{% for {target} in {source}{test} %}}{body}{other}{{% endfor %}}"

    def _with_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        name = self.chance.choice(LOCALS)
        value = self._expression(bound)
        body = self._body(size, [*bound, name], without)
        return f"{{% with {name} = {value} %}}{body}{{% endwith %}}"

    def _filter_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        return f"{{% filter upper %}}{self._body(size, bound, without)}{{% endfilter %}}"

    def _scope_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        return f"{{% autoescape true %}}{self._body(size, bound, without)}{{% endautoescape %}}"

    def _setblock_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        name = self.chance.choice(LOCALS)
        return f"{{% set {name} %}}{self._body(size, bound, without)}{{% endset %}}{{{{ {name} }}}}"

    def _include_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        names = [name for name in ("part.html", "item.html") if name not in without]
        if not names or without:
            return self._output(bound)
        name = repr(self.chance.choice(names))
        if self.chance.random() < self.slip:
            name = "'gone.html'"
        if self._one_in(6):
            name = f"['none.html', {name}]"
        missing = " ignore missing" if self._one_in(5) else ""
        return f"{{% include {name}{missing} %}}"

    def _import_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        text, names = self._import()
        return text + self._output([*bound, *names])

    def _macro_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        name, text = self._macro_text("local", size, bound)
        call = self._call_of(name, bound)
        return text + self._output(bound) + f"{{{{ {call} }}}}"

    def _call_statement(self, size: int, bound: list[str], without: set[str]) -> str:
        modules = [m for m in self.macros if m != "local"]
        if not modules:
            return self._output(bound)
        module = self.chance.choice(modules)
        wrapping = [one for one in self.macros[module] if one[3]]
        if not wrapping and self.chance.random() > self.slip:
            return self._output(bound)
        name, required, _, _ = self.chance.choice(wrapping or self.macros[module])
        arguments = ", ".join(self._expression(bound) for _ in range(required))
        body = self._body(size - 1, bound, without)
        return (
            f"{{% import {module!r} as m %}}{{% call m.{name}({arguments}) %}}{body}{{% endcall %}}"
        )

    def _module(self, module: str) -> str:
        parts = []
        if self._one_in(3):
            parts.append("{% set s = 1 %}")
        for index in range(self.chance.randint(1, 3)):
            _, text = self._macro_text(module, 2, ["s"] if parts else [], f"m{index}")
            parts.append(text)
        return "\n".join(parts)

    def _macro_text(
        self, module: str, size: int, bound: list[str], name: str = "mm"
    ) -> tuple[str, str]:
        required, optional = self.chance.randint(0, 2), self.chance.randint(0, 1)
        parameters = ["p", "q", "r"][: required + optional]
        wraps = self._one_in(4)
        own = list(parameters)
        if module != "local":
            # A module does not see the view's names, so it mostly leaves them alone.
            body = self._own_body(own)
        else:
            body = self._body(size - 1, [*bound, *own], set())
        if wraps:
            body += "{{ caller() }}"
        signature = ", ".join(
            one if index < required else f"{one}={self._constant()}"
            for index, one in enumerate(parameters)
        )
        entry = (name, required, optional, wraps)
        self.macros.setdefault(module, []).append(entry)
        return name, f"{{% macro {name}({signature}) %}}{body}{{% endmacro %}}"

    def _own_body(self, own: list[str]) -> str:
        parts = []
        for name in own:
            use = f"{{{{ {name} }}}}"
            if self._one_in(3):
                use = f"{{% if {name} is defined %}}{use}{{% endif %}}"
            elif self._one_in(4):
                use = f"{{{{ {name}|default('x') }}}}"
            parts.append(use)
        if self.chance.random() < self.slip:
            parts.append(self._output(own))
        if self._one_in(5):
            parts.append("{{ varargs|join }}")
        if self._one_in(5):
            parts.append("{{ kwargs.z|default('') }}")
        return " ".join(parts)

    def _import(self) -> tuple[str, list[str]]:
        module = self.chance.choice(["macros.html", "fields.html"])
        known = self.macros[module]
        name = self.chance.choice(known)[0]
        if self.chance.random() < self.slip:
            name = "nope"
        context = " with context" if self._one_in(4) else ""
        entry = next((one for one in known if one[0] == name), (name, 0, 0, False))
        if entry[3]:
            return f"{{% from {module!r} import {name} as wrap{context} %}}", []
        if self._one_in(2):
            call = self._arguments(entry, [])
            return f"{{% import {module!r} as lib{context} %}}{{{{ lib.{name}({call}) }}}}", []
        alias = self.chance.choice(["f", "g"])
        call = self._arguments(entry, [])
        return f"{{% from {module!r} import {name} as {alias}{context} %}}", [f"{alias}({call})"]

    def _call_of(self, name: str, bound: list[str]) -> str:
        entry = next(one for one in reversed(self.macros["local"]) if one[0] == name)
        if entry[3]:
            return "1"
        return f"{name}({self._arguments(entry, bound)})"

    def _arguments(self, entry: tuple[str, int, int, bool], bound: list[str]) -> str:
        _, required, optional, _ = entry
        count = required + (self.chance.randint(0, optional) if optional else 0)
        if self.chance.random() < self.slip:
            count += self.chance.choice([-1, 1])
        given = [self._expression(bound) for _ in range(max(count, 0))]
        if given and self._one_in(4) and len(given) <= 3:
            last = ["p", "q", "r"][len(given) - 1]
            given[-1] = f"{last}={given[-1]}"
        if self.chance.random() < self.slip:
            given.append("z=1")
        return ", ".join(given)

    def _set(self, bound: list[str]) -> tuple[str, str]:
        name = self.chance.choice(LOCALS)
        return f"{{% set {name} = {self._expression(bound)} %}}", name

    def _expression(self, bound: list[str]) -> str:
        name = self._name(bound)
        roll = self.chance.random()
        if "(" in name or roll < 0.55:
            return name
        if roll < 0.62:
            return f"{self._name(bound, wild=True)}|default({self._constant()})"
        if roll < 0.68:
            return f"({name}|string)|upper"
        if roll < 0.74:
            return f"{self.chance.choice(OBJECTS)}.{self._attribute()}"
        if roll < 0.79:
            return f"({name} ~ {self._name(bound)})"
        if roll < 0.83:
            return f"({name} if {self._test(bound)} else {self._name(bound)})"
        if roll < 0.87:
            return f"({name} {self.chance.choice(['and', 'or'])} {self._name(bound)})"
        if roll < 0.9:
            return f"{self._list(bound)}|join(',')"
        if roll < 0.93:
            return f"({name} is defined)"
        return self._constant()

    def _attribute(self) -> str:
        return "titel" if self.chance.random() < self.slip else self.chance.choice(ATTRIBUTES)

    def _test(self, bound: list[str]) -> str:
        name = self._name(bound)
        roll = self.chance.random()
        if roll < 0.4:
            return name
        if roll < 0.55:
            return f"not {name}"
        if roll < 0.7:
            return f"{self._name(bound, wild=True)} is defined"
        if roll < 0.8:
            return f"{name} == 'edit'"
        if roll < 0.9:
            wild = self._name(bound, wild=True)
            return f"{wild} is defined and {wild}"
        return f"({name} or {self._name(bound)})"

    def _name(self, bound: list[str], *, wild: bool = False) -> str:
        if wild and self._one_in(2):
            return self.chance.choice([*LOCALS, "z"])
        if self.chance.random() < self.slip / 3:
            return self.chance.choice([*LOCALS, "i", "z", "loop.index"])
        if bound and self._one_in(2):
            return self.chance.choice(bound)
        return self.chance.choice(SCALARS)

    def _list(self, bound: list[str]) -> str:
        return self.chance.choice([*LISTS, *LISTS, "notes", "[1, 2]", f"[{self._name(bound)}]"])

    def _constant(self) -> str:
        return self.chance.choice(["'edit'", "'show'", "0", "1", "true", "false"])

    def _one_in(self, count: int) -> bool:
        return self.chance.randrange(count) == 0
