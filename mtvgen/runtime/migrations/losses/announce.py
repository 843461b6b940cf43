"""Before migrations run: what they would lose, read from their operations and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from mtvgen.runtime.migrations.history import History
from mtvgen.runtime.migrations.losses.contents import Contents
from mtvgen.runtime.migrations.losses.findings import findings
from mtvgen.runtime.migrations.operations.recorder import record
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.steps import Scripts, Step


class DataLossError(MigrationError):
    """Migrations would lose rows or values, or fail on them; nothing was changed.

    Attributes:
        message: Which migrations, in one line.
        cure: What to type.
        findings: One line each, with the place and the number of rows.
    """

    kind = "data-loss"

    def __init__(self, message: str, *, cure: str, findings: tuple[str, ...]) -> None:
        super().__init__(message, cure=cure)
        self.findings = findings


@dataclass(frozen=True)
class Announcement:
    """The effects that steps would have.

    Attributes:
        losses: Rows and values that would go, one line each.
        failures: What they would fail on.
        unseen: What could not be looked at.
        adoptable: The last migration whose tables are there already; None where none are.
    """

    losses: tuple[str, ...]
    failures: tuple[str, ...]
    unseen: tuple[str, ...]
    adoptable: str | None = None


def announce(
    steps: Iterable[Step], scripts: Scripts, connection: Connection, history: History
) -> Announcement:
    """Look at what migrations would do to the rows that there are.

    Args:
        steps: What is to run.
        scripts: All migrations.
        connection: To the database, which is only asked.
        history: What was done before; it goes on with the steps.
    """
    contents = Contents(connection, history.state)
    losses: list[str] = []
    failures: list[str] = []
    unseen: list[str] = []
    adoptable: str | None = None
    for step in steps:
        place = scripts.revisions.by_name[step.name].place
        file = scripts.revisions.by_name[step.name].file
        recording = record(scripts.function(step), file, connection.dialect)
        for recorded in recording.operations:
            for finding in findings(recorded.operation, contents):
                line = f"{place}:{recorded.line}: {finding.text}"
                adoptable = step.name if finding.is_there else adoptable
                # Who writes statements of their own may have made room before.
                if finding.is_loss:
                    losses.append(line)
                elif not unseen and not recording.unseen:
                    failures.append(line)
        for what, at in dict.fromkeys(recording.unseen):
            unseen.append(f"{place}:{at}: {what} was not looked at.")
        if recording.stopped and recording.unseen:
            unseen.append(f"{place}:{recording.stopped[1]}: what follows was not looked at.")
    return Announcement(tuple(losses), tuple(failures), tuple(unseen), adoptable)


def refuse(announcement: Announcement, *, accepts_losses: bool) -> None:
    """Stop where something would be lost that nobody has accepted, or would fail.

    Raises:
        DataLossError: It holds every line.
    """
    if announcement.failures:
        adopt = f"mtvgen migrate --adopt {announcement.adoptable}, if it has the tables of that one"
        raise DataLossError(
            "That would fail with what is in the database. Nothing was changed.",
            cure=adopt
            if announcement.adoptable
            else "fix the rows or the migration, then: mtvgen migrate; "
            "or delete the migration, fix the model, then: mtvgen makemigrations",
            findings=(*announcement.losses, *announcement.failures),
        )
    if announcement.losses and not accepts_losses:
        raise DataLossError(
            "That would be lost. Nothing was changed.",
            cure="mtvgen migrate --yes",
            findings=announcement.losses,
        )
