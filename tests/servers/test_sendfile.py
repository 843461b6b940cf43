"""Under gunicorn a large file is sent by the kernel, also where each request is logged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mtvgen.runtime.responses.files import BLOCK
from tests.servers.serving import HOST, free_port, start_process, wait_until_it_answers
from tests.servers.site_calls import Site
from tests.servers.trial_site import LARGE
from tests.support.live_site import environment

pytest.importorskip("gunicorn", reason='not installed: pip install "mtvgen[servers]"')
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="reads are counted in /proc"
)


@pytest.fixture
def served(trial_site):
    """The project and the one process that answers."""
    port = free_port()
    command = ["gunicorn", "wsgi:application", "--bind", f"{HOST}:{port}"]
    with start_process(command, trial_site, environment(trial_site.parent)) as process:
        wait_until_it_answers(process, port, trial_site)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        yield Site(port, trial_site), int(children)


def reads(process):
    """How often a process has asked for bytes of a file (proc(5))."""
    counted = re.search(r"^syscr: (\d+)$", Path(f"/proc/{process}/io").read_text(), re.M)
    return int(counted[1])


def test_no_block_of_a_large_file_passes_through_the_worker(served):
    site, worker = served
    site.get("/static/large.bin")
    before = reads(worker)
    files = 10
    for _ in range(files):
        answer = site.get("/static/large.bin")
        assert answer.body == LARGE
        assert "X-Request-Id" in answer.headers
    asked = reads(worker) - before

    assert asked < files * len(LARGE) / BLOCK / 2
