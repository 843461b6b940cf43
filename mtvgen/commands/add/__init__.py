"""`mtvgen add`: what can be added to a project that is there already, one file each."""

from __future__ import annotations

import click

from mtvgen.commands import LazyGroup

# One line each: mtvgen/commands/add/<name>.py holds a Click command <name>, and its help begins
# with this sentence. printing.py has the words that they share.
ADDITIONS = {
    "accounts": "Add accounts: sign up, log in, passwords, and closed pages.",
    "pages": "Add pages for a model: list, search, edit, delete, CSV.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=ADDITIONS)
def add() -> None:
    """Add accounts, or pages for a model, to the project.

    The code is yours: read it, change it.
    It is written whole or not at all, and only after a copy of the project that has it has passed
    mtvgen check and the tests.
    """
