"""`mtvgen add pages NAME`: pages on which people look at the rows of a model and change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mtvgen.errors import printable
from mtvgen.project.loading import current_project

if TYPE_CHECKING:
    from mtvgen.add.pages.generated import GeneratedPages


@click.command()
@click.argument("name")
@click.option("--at", metavar="PATH", help="The address of the list: /staff/books.")
@click.option("--access", metavar="RULE", help="Who may use them: everybody, signed_in, role:NAME.")
@click.option("--dry-run", is_flag=True, help="Show the files and the changes, and write nothing.")
@click.option("--no-tests", is_flag=True, help="Do not run the project's own tests first.")
def pages(name: str, at: str | None, access: str | None, dry_run: bool, no_tests: bool) -> None:
    """Add pages for a model: list, search, edit, delete, CSV.

    NAME is the class of the model: Book.
    The pages are at /books then, and on a site with accounts for the role staff.
    """
    project = current_project()
    # Imported on use: SQLAlchemy, the checks and Jinja2 are not needed to print the help.
    from mtvgen.add.add import add_to_project
    from mtvgen.add.pages.addition import pages_addition
    from mtvgen.add.pages.generated import generated_pages
    from mtvgen.commands.add.printing import description, proposal, say_that_it_takes_seconds

    pages = generated_pages(project.root, name, at, access)
    plan = add_to_project(
        project.root,
        pages_addition(project.root, pages),
        dry_run=dry_run,
        with_own_tests=not no_tests,
        before_proof=say_that_it_takes_seconds,
    )
    what = f"pages for {pages.model}"
    if dry_run:
        click.echo("\n".join(proposal(plan, what)))
        return
    lines = list(description(plan, what))
    click.echo("\n".join(lines if plan.is_there else [*lines, *_what_is_next(pages)]))


def _what_is_next(pages: GeneratedPages) -> Iterator[str]:
    """Yield what the pages do not do, and how somebody comes to them."""
    if pages.notes:
        yield ""
        yield from map(printable, pages.notes)
    yield ""
    yield "Next:"
    yield f"  mtvgen runserver, and open {printable(pages.at)}"
    label = printable(pages.label)
    yield f'  a link to them: <a href="{{{{ url_for("{pages.module}.index") }}}}">{label}</a>'
    if pages.role:
        roles = f'["{pages.role}"]'
        yield f"  they are for the role {printable(pages.role)}; sign up, then in mtvgen shell:"
        yield f"    db.get(User, 1).roles = {printable(roles)}; db.commit()"
    elif pages.who:
        yield f"  who may use them: {pages.who}"
