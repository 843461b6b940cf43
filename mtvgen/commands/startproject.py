"""`mtvgen startproject`: options in, one project out, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from mtvgen import MANUAL
from mtvgen.errors import printable
from mtvgen.startproject.create import UNTOUCHED_BY_MTVGEN, NewProject, create_project
from mtvgen.startproject.destination import UNTOUCHED

# What the first look shows, in the order in which a request meets it.
_PARTS = {
    "urls.py": "every address of the site, in one list",
    "views/": "request in, response out",
    "templates/": "pages, in Jinja2",
    "models/": "tables, as Python classes",
    "wsgi.py": "what a production server runs",
    "tests/": "green already: run pytest",
}
_WITH_EXAMPLES = {"views/", "templates/", "models/"}


@click.command()
@click.argument("name")
@click.argument("directory", required=False)
@click.option(
    "--template", metavar="PATH", help="A cookiecutter template, on this disk. Its code runs."
)
@click.option("--dry-run", is_flag=True, help="List the files, and write nothing.")
def startproject(name: str, directory: str | None, template: str | None, dry_run: bool) -> None:
    """Create a project that runs at once.

    It is called NAME, and goes into DIRECTORY or into a new one of that name.
    DIRECTORY may exist if no file would be overwritten; "." is this one.
    A README and a .gitignore that are there stay.

    A template is a program: its code runs, in a dry run too, and may do anything.
    Use only templates that you trust.
    """
    project = create_project(name, directory, template=template, dry_run=dry_run)
    lines = plan(project, template) if dry_run else description(project)
    click.echo("\n".join(lines))


def description(project: NewProject) -> Iterator[str]:
    """Yield what was made, part by part, and what to type next."""
    name = "" if project.directory.name == project.name else f"{project.name} in "
    yield f"Created {name}{_shown(project)} ({_counted(project.placement.moving)})"
    parts = list(_parts(project))
    if parts:
        yield from ("", *parts)
    yield from _kept(project)
    yield from _left_out(project)
    yield from ("", "Next:", *(f"  {line}" for line in _next_steps(project)))
    yield from ("", MANUAL)


def plan(project: NewProject, template: str | None = None) -> Iterator[str]:
    """Yield the files as a tree, and that none of them was written.

    Of a template's code, that it ran.
    """
    yield _shown(project)
    yield from _tree(project.placement.moving)
    yield from _kept(project)
    yield from _left_out(project)
    yield ""
    untouched = UNTOUCHED if template is None else f"{UNTOUCHED_BY_MTVGEN} The template's code ran."
    yield f"{_counted(project.placement.moving)}. {untouched}"


def _shown(project: NewProject) -> str:
    return f"{printable(str(project.directory)).rstrip('/')}/"


def _counted(files: tuple[str, ...]) -> str:
    return f"{len(files)} file{'' if len(files) == 1 else 's'}"


def _parts(project: NewProject) -> Iterator[str]:
    for part, purpose in _PARTS.items():
        inside = [
            file for file in project.placement.moving if file == part or file.startswith(part)
        ]
        if inside:
            examples = _examples(inside, part) if part in _WITH_EXAMPLES else ""
            yield f"  {part:<14}  {purpose:<30}  {examples}".rstrip()


def _examples(files: list[str], part: str) -> str:
    """Return the first files of a folder by name: `base.html  home.html ...`.

    Error pages don't count.
    """
    names = [file.removeprefix(part) for file in files]
    shown = (name for name in names if not (name[0].isdigit() or name.startswith(("_", "error."))))
    pages = sorted(shown)
    top = [name for name in pages if "/" not in name]
    return "  ".join(top[:2]) + (" ..." if len(pages) > len(top[:2]) else "")


def _tree(files: tuple[str, ...]) -> Iterator[str]:
    """One line a folder and a file, each indented below the folder that holds it."""
    told: set[str] = set()
    for file in sorted(files, key=_folders_last):
        *folders, name = file.split("/")
        for depth, folder in enumerate(folders):
            path = "/".join(folders[: depth + 1])
            if path not in told:
                told.add(path)
                yield f"{'  ' * (depth + 1)}{printable(folder)}/"
        yield f"{'  ' * (len(folders) + 1)}{printable(name)}"


def _folders_last(file: str) -> list[tuple[bool, str]]:
    *folders, name = file.split("/")
    return [*((True, folder) for folder in folders), (False, name)]


def _kept(project: NewProject) -> Iterator[str]:
    if project.placement.kept:
        yield ""
        yield f"Kept as they were: {', '.join(map(printable, project.placement.kept))}"
    if project.placement.shows_env:
        yield "Add a line to your .gitignore: .env (it holds the secret key)"


def _left_out(project: NewProject) -> Iterator[str]:
    """Yield the parts of a template that cookiecutter would have used, or asked for."""
    template = project.template
    if template is None:
        return
    if template.others:
        yield from ("", f"The template was {_quoted(template.folder)}, the first of several. For:")
        for other in template.others:
            yield f"  {other.name}: --template {_quoted(other)}"
    if template.hooks:
        yield from ("", f"Hooks are not run: {', '.join(map(printable, template.hooks))}")


def _quoted(path: Path) -> str:
    return shlex.quote(printable(str(path)))


def _next_steps(project: NewProject) -> Iterator[str]:
    if project.directory != Path():
        yield f"cd {shlex.quote(printable(str(project.directory)))}"
    if "wsgi.py" in project.placement.moving:
        yield "mtvgen runserver"
