"""What a model lacks is said where SQLAlchemy refuses it, in the words that make it work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """\
from mtvgen.runtime.models import Model
from sqlalchemy.orm import Mapped, mapped_column


class BlogEntry(Model):
"""
NAMED = '    __tablename__ = "blog_entry"\n'
KEY = "    id: Mapped[int] = mapped_column(primary_key=True)\n"
TITLE = "    title: Mapped[str]\n"
NO_TABLE = 'below "class {}(Model):" write __tablename__ = "{}"'
WHOLE = NAMED + KEY + TITLE
BODIES = {
    NO_TABLE.format("BlogEntry", "blog_entry"): KEY + TITLE,
    "BlogEntry needs a primary key: id: Mapped[int] = mapped_column(primary_key=True)": (
        NAMED + TITLE
    ),
    "a column is written title: Mapped[str]": NAMED + KEY + "    title: str\n",
    "a column is written parts: Mapped[list[int]]": WHOLE + "    parts: list[int]\n",
    "": WHOLE + '    parts: Mapped["list[Nowhere]"]\n',
}
# Each in a process of its own would take seconds: one class at a time, in one.
SENTENCES = """\
import json, sys
from mtvgen.project.tracebacks import sentence
from mtvgen.runtime.models import Model
said = []
for name in sys.argv[1:]:
    Model.registry.dispose()
    Model.metadata.clear()
    try:
        __import__(name)
    except Exception as error:
        said.append(sentence(error))
    else:
        said.append("nothing")
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said about each of the bodies, and about the whole model."""
    directory = tmp_path_factory.mktemp("models")
    bodies = [*BODIES.values(), WHOLE]
    for number, body in enumerate(bodies):
        Path(directory, f"entries{number}.py").write_text(HEAD + body, encoding="utf-8")
    names = [f"entries{number}" for number in range(len(bodies))]
    command = [sys.executable, "-c", SENTENCES, *names]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=True)
    return dict(zip(bodies, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("cure", BODIES)
def test_a_model_that_is_refused_says_what_it_lacks(said: dict[str, str], cure: str) -> None:
    sentence = said[BODIES[cure]]
    assert sentence.partition(" -> ")[2] == cure, sentence


def test_with_what_it_lacked_it_is_a_model(said: dict[str, str]) -> None:
    assert said[WHOLE] == "nothing"
