"""A worker that was executed by a spawner, not forked."""

from __future__ import annotations

import json
import sys

from mtvgen.devserver.processes import worker
from mtvgen.devserver.processes.channel import channel_of
from mtvgen.devserver.processes.fork_server import prepare


def main(text: str) -> None:
    """Be a worker."""
    told = json.loads(text)
    site = prepare(told)
    worker.run(channel_of(told["channel"]), site, told["because"], told["error"])


if __name__ == "__main__":
    main(sys.argv[1])
