"""`mtvgen lsp`: what `mtvgen check` proves, in the editor, while you type."""

from __future__ import annotations

import click


@click.command()
def lsp() -> int:
    """Show problems in your editor, which starts this.

    It speaks the Language Server Protocol on stdin and stdout.
    """
    # Imported on use: Jinja2's parser is not needed to print the help.
    from mtvgen.lsp.server import serve

    return serve()
