"""`mtvgen docs`: the manual, in the terminal."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches

import click

from mtvgen.errors import UsageError, printable
from mtvgen.manual import Manual, Section

_MOST_OTHERS = 5  # sections that are named below the one that is shown


@click.command()
@click.argument("word", nargs=-1)
def docs(word: tuple[str, ...]) -> None:
    """Show the manual, or what it says about WORD.

    WORD is the name of a page, such as routing or howto/login, or any word: get_or_404, csrf.
    """
    manual = Manual()
    if not word:
        _show(_contents(manual.pages["index"]))
        return
    wanted = " ".join(word)
    found = manual.find(wanted)
    if not found:
        close = get_close_matches(wanted.casefold(), manual.words(), 3)
        meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise UsageError(
            f"The manual has nothing about '{printable(wanted)}'.{meant}", cure="mtvgen docs"
        )
    _show(_with_others(*found))


def _show(text: str) -> None:
    """Show it through the pager on a terminal, or print it as it is."""
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text)


def _contents(index: str) -> str:
    """Return the list of the index, with the names to type in place of its links."""
    lines = []
    for line in index.splitlines():
        if line.startswith("## "):
            lines += ["", line.removeprefix("## ")]
        elif entry := re.match(r"- \[(.+?)\]\(([^)#]+)\.md[^)]*\)(.*)", line):
            title, page, rest = entry.groups()
            lines.append(f"  {page:<22} {title}{rest}".replace("`", ""))
    return "\n".join([*lines[1:], "", "Read one: mtvgen docs routing"])


def _with_others(shown: Section, *others: Section) -> str:
    """Return a section, and where else to look."""
    text = f"{shown.text.strip()}\n\n({shown.page})"
    if others:
        named = [f"{other.page}: {other.title}" for other in others[:_MOST_OTHERS]]
        text += "\n\nSee also:\n" + "\n".join(f"  {line}" for line in named)
    return text
