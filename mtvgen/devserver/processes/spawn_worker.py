"""A worker that is executed, not forked."""

from __future__ import annotations

import sys

from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import channel_of
from mtvgen.devserver.processes.parent_death import die_with
from mtvgen.devserver.processes.programs import ProcessArguments
from mtvgen.devserver.processes.site import prepare


def begin(arguments: ProcessArguments, worker_class: type[worker.Worker] = worker.Worker) -> None:
    """Be a worker."""
    site = prepare(arguments)
    worker.run(channel_of(arguments.channel), site, worker_class)


if __name__ == "__main__":
    arguments = ProcessArguments.from_json(sys.argv[1])
    die_with(arguments.parent)
    begin(arguments)
