"""The pages of a model of a project, generated in a process of their own.

The project is loaded there, because only the running classes know what a model is; and whatever
it prints or starts ends with that process.

    python -m mtvgen.add.pages.generated ROOT ANSWER NAME AT ACCESS
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mtvgen.add.pages.described.fields import Described, Pages, PagesOf
from mtvgen.add.pages.described.names import label_of, plural_of
from mtvgen.add.pages.generate import SHARED, Wanted, describe_wanted, generate, templates_of
from mtvgen.add.pages.notes import notes_of
from mtvgen.add.pages.project.choosing import chosen_model
from mtvgen.add.pages.project.layout import layout_of
from mtvgen.add.pages.project.loaded import (
    check_migrated,
    has_accounts,
    loaded_routes,
    user_of_fixtures,
)
from mtvgen.add.pages.project.neighbours import pages_there, route_in_the_way
from mtvgen.add.pages.rules import rule_of
from mtvgen.add.pages.values import addresses_of, values_of
from mtvgen.add.proof.processes import run
from mtvgen.errors import MtvgenError, UsageError
from mtvgen.project.loading import Project, ProjectError
from mtvgen.runtime.routing.routes import Route

PATIENCE = 60  # seconds that the import and all migrations may take
# What production requires; the pages depend on neither.
_ALWAYS_THERE = {"SECRET_KEY": "a key for this look alone", "ALLOWED_HOSTS": "localhost"}


@dataclass(frozen=True)
class GeneratedPages:
    """Pages as they are written.

    Attributes:
        model: The name of the model: `Book`.
        label: What a link to the list says: `Books`.
        module: The module of the views: `books`.
        at: The address of the list: `/books`.
        who: Who may use them, in words; "" on a site without accounts.
        rule: The name and the source of that rule: `role` and `role("staff")`.
        role: The role that they need.
        files: The new files, by their paths in the project.
        links: Templates of other models: the path, the text now, and the text with links here.
        notes: Sentences on what the pages do not do.
        problem: What was wrong, as a sentence; "" for nothing.
        cure: What to type.
        exit_code: Of the command, if something was wrong.
    """

    model: str = ""
    label: str = ""
    module: str = ""
    at: str = ""
    who: str = ""
    rule: Sequence[str] = ()
    role: str = ""
    files: dict[str, str] = field(default_factory=dict)
    links: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    problem: str = ""
    cure: str = ""
    exit_code: int = 0


def generated_pages(root: Path, name: str, at: str | None, access: str | None) -> GeneratedPages:
    """Return the pages of a model, from a process that has loaded the project.

    Args:
        root: The project's directory.
        name: The model, as somebody types it: `Book`, `books`.
        at: The address of the list; None: the plural of the model.
        access: Who may use them, as `--access` says it; None: not said.

    Raises:
        MtvgenError: The project can't be loaded, has no such model, or no pages of it can be
            generated; says what to type.
    """
    with tempfile.TemporaryDirectory() as directory:
        answer = Path(directory) / "answer.json"
        arguments = [str(root), str(answer), name, at or "", access or ""]
        try:
            _, output = run(
                [sys.executable, "-m", __name__, *arguments],
                root,
                patience=PATIENCE,
                environment={key: os.environ.get(key, text) for key, text in _ALWAYS_THERE.items()},
            )
        except TimeoutError:
            raise MtvgenError(
                f"the project takes longer than {PATIENCE} s to load.", cure="mtvgen check"
            ) from None
        if not answer.exists():
            raise MtvgenError(f"the project can't be loaded.\n{output}", cure="mtvgen check")
        pages = GeneratedPages(**json.loads(answer.read_text("utf-8")))
    if pages.problem:
        error = UsageError if pages.exit_code == UsageError.exit_code else MtvgenError
        raise error(pages.problem, cure=pages.cure)
    return pages


def main(root: Path, answer: Path, name: str, at: str, access: str) -> None:
    """Be the process: load the project, and write the answer."""
    try:
        pages = _generated(Project(root), name, at or None, access or None)
    except MtvgenError as error:
        place = f"{error.file}: " if isinstance(error, ProjectError) and error.file else ""
        problem = f"{place}{error.message}"
        pages = GeneratedPages(problem=problem, cure=error.cure, exit_code=error.exit_code)
    answer.write_text(json.dumps(asdict(pages)), "utf-8")


def _generated(project: Project, name: str, at: str | None, access: str | None) -> GeneratedPages:
    routes = loaded_routes(project)
    model = chosen_model(name, project.root)
    rule = rule_of(access, has_accounts=has_accounts(routes))
    layout = layout_of(project.root / "templates")
    wanted = Wanted.of(model, at, rule, user_of_fixtures(project.root), layout)
    there = pages_there(routes)
    described = describe_wanted(wanted, there.get)
    _check_free(routes, wanted, described)
    files = generate(wanted, described)
    if model not in there or there[model].module != wanted.module:
        _check_no_file(project.root, wanted, files)
    # Where its owner has changed a file, all was there before, the links too.
    is_ours = not any(
        _is_another(project.root / name, text) for name, text in files.items() if name not in SHARED
    )
    check_migrated(project, model)
    return GeneratedPages(
        model.__name__,
        label_of(plural_of(model.__name__, str(getattr(model, "__tablename__", "")))),
        wanted.module,
        wanted.at,
        rule.who if rule else "",
        (rule.name, rule.source) if rule else (),
        rule.role if rule else "",
        files,
        tuple(_links(project.root, there, wanted, described)) if is_ours else (),
        tuple(notes_of(described)),
    )


def _check_free(routes: Iterable[Route], wanted: Wanted, described: Described) -> None:
    patterns = addresses_of(values_of(described, wanted.at, wanted.module))
    route = route_in_the_way(routes, patterns, wanted.module)
    if route is not None:
        name = f" ({route.name})" if route.name else ""
        raise UsageError(
            f"{route.pattern}{name} is a route already, at {route.location}.",
            cure=f"mtvgen add pages {wanted.model.__name__} --at /staff{wanted.at}",
        )


def _check_no_file(root: Path, wanted: Wanted, files: dict[str, str]) -> None:
    """Refuse what would take the place of files of the user's own; a killed run's are not."""
    for name, text in files.items():
        if name not in SHARED and _is_another(root / name, text):
            raise MtvgenError(
                f"{name} already exists.",
                cure=f"mtvgen add pages {wanted.model.__name__} --at /staff{wanted.at}",
            )


def _is_another(file: Path, text: str) -> bool:
    """Return whether there is a file, and it is not the one that would be written."""
    return os.path.lexists(file) and not _holds(file, text)


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def _links(
    root: Path, there: dict[type, Pages], wanted: Wanted, described: Described
) -> Iterator[tuple[str, str, str]]:
    """Yield the templates of other models that link to these pages, as they are and will be.

    Those that their owner has changed stay as they are.
    """
    before = {model: pages for model, pages in there.items() if model is not wanted.model}
    after = {**before, wanted.model: described.own_pages}
    for model, pages in before.items():
        other = Wanted(model, "", pages.module, layout=wanted.layout)
        old, new = (_templates(other, known.get) for known in (before, after))
        for file, text in new.items():
            if text != old[file] and _holds(root / file, old[file]):
                yield file, old[file], text


def _templates(wanted: Wanted, pages_of: PagesOf) -> dict[str, str]:
    return templates_of(wanted, describe_wanted(wanted, pages_of))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
