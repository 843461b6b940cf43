"""Guesses over two worker processes of gunicorn: all of them count together.

MTVGEN_FULL=1 pytest tests/runtime/accounts/test_guesses_of_processes.py
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from mtvgen.runtime.accounts import guesses
from mtvgen.runtime.models import Database
from tests.runtime.accounts.account_site import Model

pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="starts gunicorn: MTVGEN_FULL=1"
)
ROOT = Path(__file__).parents[3]

SITE = """
import os
from mtvgen.runtime.models import Database
from tests.runtime.accounts.account_site import account_site

site = account_site(Database(os.environ["SITE_DATABASE"]))

def application(environ, start_response):
    environ["REMOTE_ADDR"] = environ.get("HTTP_X_ADDRESS", "")
    return site(environ, start_response)
"""


@pytest.fixture
def port(url, tmp_path):
    """The port of a site under two workers."""
    database = Database(url)
    Model.metadata.create_all(database.engine)
    database.close()
    (tmp_path / "guessed_site.py").write_text(SITE)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers=2", "--threads=8",
         f"--bind=127.0.0.1:{port}", "guessed_site:application"],
        env=os.environ | {"SITE_DATABASE": url, "PYTHONPATH": paths},
    )  # fmt: skip
    try:
        for _ in range(200):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("addresses", [1, 50])
def test_guesses_of_fifty_at_once_over_two_processes_keep_to_the_limit(port, addresses):
    def guess(number):
        form = urlencode({"email": "ada@example.com", "password": f"guess {number}"}).encode()
        address = f"192.0.2.{number % addresses}"
        request = Request(f"http://127.0.0.1:{port}/log-in", form, {"X-Address": address})
        with urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(guess, range(50)))
    assert answers.count("wrong") == guesses.PER_ACCOUNT
    assert answers.count("too often") == 50 - guesses.PER_ACCOUNT
