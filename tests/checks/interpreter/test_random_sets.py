"""What the checks say of random templates, against what Jinja2 does with them.

    MTVGEN_SETS=6000 MTVGEN_FIRST_SET=1000000 pytest tests/checks/interpreter/test_random_sets.py -s

A false alarm is a problem of a set that renders whatever the unknown values are; a miss is a set
that raises for some of them, of which nothing is said.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import jinja2

from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.values import Attribute, Element, Passed, SameElements
from mtvgen.checks.places import Place
from mtvgen.checks.rendering.matching import RenderCheck
from mtvgen.checks.rendering.mistakes import WrongAttribute
from mtvgen.checks.report import Problem
from mtvgen.checks.templates.file_rules import template_problems
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store
from mtvgen.checks.views.calls import RenderCall
from tests.checks.interpreter.random_sets import ATTRIBUTES, OBJECTS, TemplateSet, random_set

SETS = int(os.environ.get("MTVGEN_SETS", "150"))
FIRST = int(os.environ.get("MTVGEN_FIRST_SET", "0"))
MOST_FALSE_ALARMS = 0.0005  # of all sets
MOST_MISSES = 0.02  # of the sets that raise


def test_what_is_said_of_random_templates_is_what_rendering_them_does(tmp_path):
    raising, false_alarms, misses = 0, [], []
    for seed in range(FIRST, FIRST + SETS):
        templates = random_set(seed)
        if not all(map(parses, templates.sources.values())):
            continue  # which is an error even where nothing leads to the template
        found = problems_of(templates, tmp_path / str(seed))
        error = templates.raises()
        raising += error is not None
        if found and error is None:
            false_alarms.append((seed, str(found[0])))
        if error is not None and not found:
            misses.append((seed, str(error)))

    print(f"{SETS} sets: {len(false_alarms)} false alarms; {raising} raise: {len(misses)} misses")
    assert len(false_alarms) <= SETS * MOST_FALSE_ALARMS, false_alarms
    assert len(misses) <= max(raising * MOST_MISSES, 2), misses


# The name that a sentence is about: `'titel' is undefined`, `no titel`, `_m.html has no macro 'a'`.
ABOUT = re.compile(r"^'(\w+)' is (?:undefined|read)|^no (\w+)$|has no (?:macro )?'(\w+)'(?: to|\.)")


def test_what_is_said_of_random_templates_points_at_the_name(tmp_path):
    looked_at, wrong = 0, []
    for seed in range(FIRST, FIRST + SETS):
        templates = random_set(seed)
        if not all(map(parses, templates.sources.values())):
            continue
        for problem in problems_of(templates, tmp_path / str(seed)):
            about = ABOUT.search(problem.message)
            if about is None:
                continue
            looked_at += 1
            place = problem.place
            line = templates.sources[place.file].split("\n")[place.line - 1]
            written = line[place.column - 1 : place.end_column - 1]
            if written not in about.groups():
                wrong.append((seed, str(problem), written, line))

    assert looked_at > SETS / 4
    assert wrong == []


def parses(source: str) -> bool:
    try:
        jinja2.Environment().parse(source)
    except jinja2.TemplateSyntaxError:
        return False
    return True


def problems_of(templates: TemplateSet, directory: Path) -> list[Problem]:
    directory.mkdir()
    for name, source in templates.sources.items():
        (directory / name).write_text(source)
    environment = MarkingEnvironment()
    store = Store(environment, [directory], directory)
    store.refresh()
    known = frozenset(environment.globals)
    interpreter = Interpreter(
        store, known, frozenset(environment.filters), frozenset(environment.tests)
    )
    names = dict.fromkeys([*templates.constants, *templates.unknown])
    call = RenderCall(Place.at("view.py"), "page.html", names, templates.constants)
    check = RenderCheck(store, interpreter.entry("page.html"), [call], known, attribute).run()
    alone = [
        problem
        for name in templates.sources
        if (template := store.get(name)) is not None
        for problem in template_problems(template, store, interpreter.filters, interpreter.tests)
    ]
    missing = [one.problem(known) for one in check.missing.values()]
    found = [*check.problems, *missing, *alone]
    return [problem for problem in found if problem.severity == "error"]  # a note is of what works


def attribute(value: Attribute, call: RenderCall) -> WrongAttribute | None:
    """What stands in for types: the objects of the sets have two attributes."""
    base = value.base
    if isinstance(base, Element):
        base = base.source.source if isinstance(base.source, SameElements) else base.source
    is_object = isinstance(base, Passed) and base.name in (*OBJECTS, "notes")
    if is_object and value.name not in ATTRIBUTES:
        return WrongAttribute("templates.unknown-attribute", "an object", f"no {value.name}")
    return None
