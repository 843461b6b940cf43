"""From an addition to a project that has it: planned, proved on a copy, and moved in.

plan_addition      finds the places, before the first write (addition.py),
prove              checks and tests a copy of the project that has it (proof/),
move_in            lets the files appear, all or none (moving.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mtvgen.add.addition import Addition, Plan, plan_addition
from mtvgen.add.moving import InTheWayError, move_in
from mtvgen.add.proof.prove import Proof, prove
from mtvgen.disk.signals import Signalled, raised_signals
from mtvgen.errors import Stopped, printable
from mtvgen.startproject.destination import UNTOUCHED, NothingMade, os_errors_as_cli_errors
from mtvgen.startproject.staging import sweep

_CURE = "let yourself write there, then type the same command again"


def add_to_project(
    root: Path,
    addition: Addition,
    *,
    dry_run: bool = False,
    with_own_tests: bool = True,
    before_proof: Callable[[], None] | None = None,
) -> Plan:
    """Add to a project, whole, or leave the disk as it was.

    Args:
        root: The project's directory.
        addition: What to add.
        dry_run: Find out what would be changed, and touch nothing.
        with_own_tests: Run the project's tests before anything is moved; those of the addition
            are run in any case.
        before_proof: Called once all places are found: what comes then takes some seconds.

    Returns:
        The changes that were made, or would be; `is_there` if the project has all of it already.

    Raises:
        NothingMade: A file is in the way, the result would not hold, or the disk is at fault.
        Stopped: A signal came before it was complete.
    """
    try:
        with raised_signals(), os_errors_as_cli_errors(Path(root.name), cure=_CURE):
            if not dry_run:
                sweep(root)  # what a killed run left
            plan = plan_addition(root, addition)
            if dry_run or plan.is_there:
                return plan
            if before_proof is not None:
                before_proof()
            proof = prove(root, addition, plan, with_own_tests=with_own_tests)
            _move_in(root, proof)
            return replace(
                plan,
                moves=proof.moves,
                migration="",  # it is among them now
                closed=proof.closed,
                is_tested=proof.ran_tests,
            )
    except InTheWayError as error:
        raise NothingMade(
            f"{printable(error.file)} was saved in the meantime.",
            cure="type the same command again",
        ) from error
    except Signalled as signal:
        raise Stopped(signal.number, f"stopped by {signal.name}. {UNTOUCHED}") from None


def _move_in(root: Path, proof: Proof) -> None:
    try:
        move_in(root, proof.moves)
    except BlockingIOError as error:
        raise NothingMade(
            "another process adds something to this project.",
            cure="wait for it, then type the same command again",
        ) from error
