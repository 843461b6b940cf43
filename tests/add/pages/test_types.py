"""Each type of column and each relation, on pages of a real project: `thing.py` has them all."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import DeclarativeBase

from mtvgen.add.pages.generate import Wanted, describe_wanted, generate
from mtvgen.add.pages.notes import notes_of
from mtvgen.runtime.models import Model
from tests.support.live_site import BIN, environment, make_project
from tests.support.pages import examples

MODELS = [
    *("Article", "City", "Client", "Country", "Enrolment", "Listing", "Lorry"),
    *("LongFormOfBookReview", "Member", "Page", "Tag", "Thing", "Van", "Vehicle"),
]
DOCS = Path(__file__).parents[3] / "docs"
# All models know of each other's pages, as after the last `add pages`.
PROGRAM = """
from pathlib import Path
import models
from mtvgen.add.pages.generate import Wanted, describe_wanted, generate

every = [getattr(models, name) for name in MODELS]
wanted = [Wanted.of(model, None) for model in every]
there = {pages.model: describe_wanted(pages, lambda other: None).own_pages for pages in wanted}
for pages in wanted:
    for file, text in generate(pages, describe_wanted(pages, there.get)).items():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(text, encoding="utf-8")
urls = Path("urls.py")
text = urls.read_text("utf-8").replace("import path", "import include, path")
text = text.replace("import home", f"import {', '.join(pages.module for pages in wanted)}, home")
lines = "".join(f'    include("{p.at}", {p.module}.urlpatterns),\\n' for p in wanted)
urls.write_text(text.replace("]\\n", f"{lines}]\\n"), "utf-8")
"""


in_full = pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="a minute: MTVGEN_FULL=1")
PLACE = """

from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB


class Place(Model):
    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    words: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    numbers: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    host: Mapped[str | None] = mapped_column(INET)
"""


@in_full
def test_the_pages_of_each_type_hold_in_a_project(tmp_path):
    root = project_with(tmp_path, MODELS, environment(tmp_path))
    run = Runner(root, environment(tmp_path))

    assert run("mtvgen", "check").strip().endswith("no problems.")
    assert ": note:" not in run("mtvgen", "check")
    run(str(BIN / "mypy"), "views")
    run(str(BIN / "ruff"), "check", "views", "tests")
    run(str(BIN / "ruff"), "format", "--check", "views", "tests")
    run(sys.executable, "-m", "pytest", "-q")


@in_full
def test_they_hold_on_postgresql_with_its_own_types_too(tmp_path, postgresql_url):
    variables = {**environment(tmp_path), "DATABASE_URL": postgresql_url}
    root = project_with(tmp_path, [*MODELS, "Place"], variables, PLACE)
    fixtures = root / "tests" / "conftest.py"
    text = fixtures.read_text(encoding="utf-8")
    # The generated tests, on databases of the same server.
    file = 'tmp_path_factory.mktemp("database") / "test.sqlite3"'
    assert file in text
    fixtures.write_text(text.replace(file, repr(postgresql_url)), "utf-8")
    # A row that is there already, with arrays.
    words = "Place(name='Here', words=['a', 'b'], numbers=[1], host='10.0.0.1', data={'x': 1})"
    run = Runner(root, variables)
    run("mtvgen", "shell", given=f"db.add({words}); db.commit()")

    assert run("mtvgen", "check").strip().endswith("no problems.")
    run(sys.executable, "-m", "pytest", "-q")
    shown = "print(*(client.get(path).text for path in ('/places/1', '/places/export.csv')))"
    page = run("mtvgen", "shell", given=shown)
    assert "<dd>a, b</dd>" in page
    assert '1,Here,"a, b",1,"{""x"": 1}",10.0.0.1' in page


class Runner:
    """Runs commands in a project, which have to succeed."""

    def __init__(self, root: Path, variables: dict[str, str]) -> None:
        self.root = root
        self.variables = {**variables, "PYTHONPATH": str(root)}

    def __call__(self, *command: str, given: str = "") -> str:
        done = subprocess.run(
            command, cwd=self.root, env=self.variables, input=given, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def project_with(
    directory: Path, models: list[str], variables: dict[str, str], more: str = ""
) -> Path:
    """A project with the pages of some models."""
    root = make_project(directory)
    things = Path(__file__).with_name("thing.py").read_text(encoding="utf-8")
    (root / "models" / "thing.py").write_text(things + more, encoding="utf-8")
    face = root / "models" / "__init__.py"
    names = ", ".join(models)
    text = face.read_text(encoding="utf-8")
    text = text.replace("from settings", f"from models.thing import Colour, {names}\nfrom settings")
    listed = ", ".join(f'"{name}"' for name in ["Colour", *models])
    face.write_text(text.replace("__all__ = [", f"__all__ = [{listed}, "), encoding="utf-8")
    run = Runner(root, variables)
    for command in (["migrate"], ["makemigrations", "-m", "things"], ["migrate"]):
        run("mtvgen", *command)
    run(sys.executable, "-c", PROGRAM.replace("MODELS", repr(models)))
    return root


@pytest.mark.parametrize("page", ["models.md", "howto/one-to-many.md", "howto/many-to-many.md"])
def test_each_model_of_the_manual_has_pages(page):
    models = models_of(DOCS / page)
    assert models
    for model in models:
        wanted = Wanted.of(model, None)
        described = describe_wanted(wanted, lambda other: None)
        nothing = ["Ticket gets no form, because it has no column to fill in."]
        assert described.has_new is (model.__name__ != "Ticket")
        assert list(notes_of(described)) == ([] if described.has_new else nothing)
        for name, text in generate(wanted, described).items():
            if name.endswith(".py"):
                ast.parse(text)


def models_of(page: Path) -> list[type]:
    """The models in a page's examples, with tables of their own."""

    class Base(DeclarativeBase):
        type_annotation_map = Model.type_annotation_map

    names: dict[str, object] = {"Model": Base, "__name__": __name__}
    for example in examples(page):
        if example.language != "python":
            continue
        for statement in ast.parse(example.text).body:
            if is_of_models(statement, names):
                code = ast.Module([statement], [])
                exec(compile(code, str(page), "exec", dont_inherit=True), names)  # our own manual
    return [mapper.class_ for mapper in Base.registry.mappers]


def is_of_models(statement: ast.stmt, names: dict[str, object]) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").partition(".")[0] in ("sqlalchemy", "datetime", "enum")
    if isinstance(statement, ast.ClassDef):
        bases = {base.id for base in statement.bases if isinstance(base, ast.Name)}
        return bool(bases & {"Model", "Enum"}) and statement.name not in names
    return isinstance(statement, ast.Assign) and ast.unparse(statement.value).startswith("Table(")
