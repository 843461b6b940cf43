"""The commands, one a file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that runs.

    Args:
        package: The folder of the commands: `<package>/<name>.py` holds a Click command `<name>`.
        summaries: Their names in the order of the help, each with the first sentence of its own.
        settings: As for `click.Group`.
    """

    def __init__(self, *, package: str, summaries: Mapping[str, str], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # Click's own, passed through
        self._package = package
        for name, summary in summaries.items():
            self.add_command(click.Command(name, help=summary))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a project's life, not of the alphabet."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the command that was typed."""
        name, summary, rest = super().resolve_command(ctx, args)
        if name is None or summary is None:
            return name, summary, rest
        command = getattr(import_module(f"{self._package}.{name}"), name)
        return name, command, rest
