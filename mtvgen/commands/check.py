"""`mtvgen check`: do models, templates, views and URLs fit together?"""

from __future__ import annotations

import sys

import click

from mtvgen.garbage import garbage_left_alone, keep_for_good
from mtvgen.project.loading import current_project
from mtvgen.styled_text import line_of


@click.command()
@click.option("--deploy", is_flag=True, help="Also check what production needs.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--verbose", is_flag=True, help="List each line that was left alone.")
def check(deploy: bool, as_json: bool, verbose: bool) -> int:
    """Prove that models, templates, views and URLs fit together.

    Each problem is a line that begins with its file and line.
    Exits with 1 if there are problems; notes do not count.
    """
    with garbage_left_alone():
        # Imported on use: Jinja2's parser is not needed to print the help. The project's import
        # begins before that of the checks, and goes on meanwhile: both take 0.2 s.
        from mtvgen.checks.loading.kept import KeptFacts

        root = current_project().root
        loaded = KeptFacts(imports_again=False)
        loaded.begin(root, deploy=deploy)
        from mtvgen.checks.report import parts_of, to_json, to_text
        from mtvgen.checks.run import check_project

        report = check_project(root, deploy=deploy, loaded=loaded)
        keep_for_good()
    if as_json or not sys.stdout.isatty():
        click.echo(to_json(report) if as_json else to_text(report, verbose=verbose))
    else:
        for parts in parts_of(report, verbose=verbose):
            click.echo(line_of(parts, sys.stdout), color=True)
    return 1 if report.errors else 0
