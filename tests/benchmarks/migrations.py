"""What makemigrations costs for many models, beside Django's, as whole processes.

    python tests/benchmarks/migrations.py               100 models, about half a minute
    python tests/benchmarks/migrations.py --models 300

Each round writes the first migration of a project on SQLite, and then looks once more at one that
is migrated, where nothing changed. Both run from compiled files. The imports are measured by
themselves: those of SQLAlchemy, of Alembic and of the project's models can't be shorter here. The
peer comes from the `bench` extra.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

BINARIES = Path(sys.executable).parent
COMPILED = Path(tempfile.gettempdir()) / f"mtvgen-compiled-{os.getpid()}"
PROMISE = 1.5  # times Django's, in the same run

DJANGO_SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""


def mtvgen_models(count: int) -> str:
    lines = [
        "from sqlalchemy import ForeignKey, String",
        "from sqlalchemy.orm import Mapped, mapped_column",
        "from mtvgen.runtime.models import Model",
    ]
    for number in range(count):
        lines += [
            f"class Thing{number}(Model):",
            f"    __tablename__ = 'thing{number}'",
            "    id: Mapped[int] = mapped_column(primary_key=True)",
            "    name: Mapped[str] = mapped_column(String(50), unique=True)",
            "    text: Mapped[str | None] = mapped_column(index=True)",
            "    count: Mapped[int] = mapped_column(server_default='0')",
        ]
        if number:
            lines.append(
                "    before: Mapped[int | None] = "
                f"mapped_column(ForeignKey('thing{number - 1}.id'), index=True)"
            )
    return "\n".join(lines) + "\n"


def django_models(count: int) -> str:
    lines = ["from django.db import models"]
    for number in range(count):
        lines += [
            f"class Thing{number}(models.Model):",
            "    name = models.CharField(max_length=50, unique=True)",
            "    text = models.TextField(null=True, db_index=True)",
            "    count = models.IntegerField(db_default=0)",
        ]
        if number:
            lines.append(
                f"    before = models.ForeignKey('Thing{number - 1}', models.CASCADE, null=True)"
            )
    return "\n".join(lines) + "\n"


def make_mtvgen(place: Path, count: int) -> list[str]:
    run([str(BINARIES / "mtvgen"), "startproject", "site"], place)
    project = place / "site"
    shutil.rmtree(project / "migrations")
    (project / "models" / "note.py").unlink()
    (project / "models" / "things.py").write_text(mtvgen_models(count))
    (project / "models" / "__init__.py").write_text(
        "from mtvgen.runtime.models import Database\nimport models.things\n"
        "from settings import settings\n\ndatabase = Database(settings.database_url)\n"
    )
    return [str(BINARIES / "mtvgen")]


def make_django(place: Path, count: int) -> list[str]:
    project = place / "site"
    (project / "shop" / "migrations").mkdir(parents=True)
    (project / "shop" / "__init__.py").touch()
    (project / "shop" / "migrations" / "__init__.py").touch()
    (project / "shop" / "models.py").write_text(django_models(count))
    (project / "site_settings.py").write_text(DJANGO_SETTINGS)
    return [sys.executable, "-m", "django"]


def run(command: list[str], place: Path) -> float:
    """Seconds of the processor: what else the machine does is not in them."""
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": "."}
    # Some machines keep Python from writing compiled files; installed packages have them.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ["PYTHONPYCACHEPREFIX"] = str(COMPILED)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=place, env=environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# What is imported before makemigrations looks at anything; each line rests on those before it.
PARTS = {
    "Python": "pass",
    "Click and the command": "import mtvgen.cli, mtvgen.commands.makemigrations",
    "SQLAlchemy": "import sqlalchemy.orm",
    "mtvgen.runtime.models": "import mtvgen.runtime.models",
    "the project's models": "import sys; sys.path.insert(0, '.'); import models",
    "Alembic": "import alembic.op, alembic.autogenerate",
    "mtvgen.runtime.migrations": "import mtvgen.runtime.migrations.write",
}


def parts(count: int, rounds: int) -> Iterator[tuple[str, float]]:
    """What the imports of makemigrations take, one on top of the other."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        make_mtvgen(place, count)
        lines: list[str] = []
        before = 0.0
        for name, line in PARTS.items():
            lines.append(line)
            command = [sys.executable, "-c", "\n".join(lines)]
            taken = min(run(command, place / "site") for _ in range(2 * rounds))
            yield name, taken - before
            before = taken


def one_round(make: object, count: int) -> tuple[float, float]:
    """Seconds for the first migration, and for a look at nothing new."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        program = make(place, count)
        project = place / "site"
        first = run([*program, "makemigrations"], project)
        run([*program, "migrate"], project)
        return first, run([*program, "makemigrations"], project)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for make in (make_django, make_mtvgen):
        one_round(make, 1)  # compiles everything
    seconds: dict[str, list[tuple[float, float]]] = {"Django": [], "mtvgen": []}
    for _ in range(arguments.rounds):
        for name, make in (("Django", make_django), ("mtvgen", make_mtvgen)):
            seconds[name].append(one_round(make, arguments.models))
    holds = True
    print(
        f"makemigrations, {arguments.models} models, median of {arguments.rounds}, "
        "seconds of the processor"
    )
    for place, what in enumerate(("the first migration", "nothing changed")):
        django, ours = (median(pair[place] for pair in seconds[n]) for n in ("Django", "mtvgen"))
        ratio = ours / django
        holds = holds and ratio <= PROMISE
        print(f"{what:22} Django {django:.2f}  mtvgen {ours:.2f}  {ratio:.2f} of Django's")
    print(f"at most {PROMISE}: {'holds' if holds else 'DOES NOT HOLD'}")
    imports = list(parts(arguments.models, arguments.rounds))
    django = median(pair[1] for pair in seconds["Django"])
    floor = sum(taken for _, taken in imports)
    print(f"of mtvgen's, what is imported: {floor:.2f}, {floor / django:.2f} of Django's whole")
    for name, taken in imports:
        print(f"    {name:26} {taken:.2f}")
    return 0 if holds else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(COMPILED, ignore_errors=True)
