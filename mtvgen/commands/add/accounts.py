"""`mtvgen add accounts`: sign up, log in, passwords, and pages that are closed to visitors."""

from __future__ import annotations

import click

from mtvgen.project.loading import current_project


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the files and the changes, and write nothing.")
@click.option("--no-tests", is_flag=True, help="Do not run the project's own tests first.")
def accounts(dry_run: bool, no_tests: bool) -> None:
    """Add accounts: sign up, log in, passwords, and closed pages.

    People sign up by a link in a mail, log in and out, change a forgotten password, and delete
    their account. All pages are closed to visitors but those that urls.py opens.
    """
    project = current_project()
    # Imported on use: the checks and Jinja2 are not needed to print the help.
    from mtvgen.add.accounts import accounts as addition
    from mtvgen.add.add import add_to_project
    from mtvgen.commands.add.printing import (
        closed_routes,
        description,
        proposal,
        say_that_it_takes_seconds,
    )

    plan = add_to_project(
        project.root,
        addition(project.root),
        dry_run=dry_run,
        with_own_tests=not no_tests,
        before_proof=say_that_it_takes_seconds,
    )
    if dry_run:
        click.echo("\n".join(proposal(plan, "accounts")))
        return
    click.echo("\n".join([*description(plan, "accounts"), *closed_routes(plan)]))
    if not plan.is_there:
        click.echo("\nNext:\n  mtvgen migrate\n  mtvgen runserver, and open /sign-up")
