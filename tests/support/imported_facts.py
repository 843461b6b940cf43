"""What a project's import shows, in a process without the models of other tests."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

from mtvgen.checks.facts import Facts

_CODE = """
import pickle, sys
from pathlib import Path
from mtvgen.checks.loading.process import Loading
facts = Loading(Path(sys.argv[1])).wait()
sys.stdout.buffer.write(pickle.dumps(facts))
"""


def imported_facts(root: Path) -> Facts:
    """Import a project as it is on the disk."""
    command = [sys.executable, "-c", _CODE, str(root)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=root)
    facts = pickle.loads(done.stdout)  # written by this file
    assert isinstance(facts, Facts)
    return facts
