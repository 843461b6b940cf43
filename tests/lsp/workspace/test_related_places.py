"""A thing that is there twice leads to where it is the first time, also while lines move."""

from __future__ import annotations

from pathlib import Path

from mtvgen.lsp.workspace.engine import Engine
from tests.checks.seed_project import FILES, write_project

URLS = FILES["urls.py"].replace(
    "\n]\n",
    """
    path("/about/us", home.about, name="about"),
    path("/notes/<int:number>", notes.detail, name="other"),
]
""",
)
BLOCKS = "{% block content %}{% endblock %}\n\n{% block content %}{% endblock %}"


def related(engine: Engine) -> list[str]:
    return sorted(
        f"{problem.id} {problem.line}: {one.place} {one.message}"
        for problem in engine.problems
        for one in problem.related
    )


def test_what_is_there_twice_leads_to_the_first(tmp_path: Path):
    root = tmp_path.resolve()
    write_project(root)
    (root / "urls.py").write_text(URLS)
    (root / "templates/home.html").write_text(BLOCKS)
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    engine.check()
    found = [
        "templates.block-twice 3: templates/home.html:1:10 has this name already",
        "urls.name-twice {}: urls.py:{}:38 has this name already",
        "urls.route-twice {}: urls.py:{}:11 has this pattern already",
    ]
    name, route = URLS.count("\n") - 2, URLS.count("\n") - 1
    assert related(engine) == [
        found[0],
        found[1].format(name, 10),
        found[2].format(route, 14),
    ]
    engine.texts.put(root / "urls.py", f"# A line\n{URLS}", typed=True)
    engine.check()
    assert related(engine) == [
        found[0],
        found[1].format(name + 1, 11),
        found[2].format(route + 1, 15),
    ]
