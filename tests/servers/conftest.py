"""One project for all servers; each server is started once, and once below a prefix."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.servers.serving import SERVERS, ordinary_user, serve, why_not
from tests.servers.site_calls import Site
from tests.servers.trial_site import make_trial_site

PREFIX = "/app"


@pytest.fixture(scope="session")
def trial_site():
    # Not pytest's tmp_path, which only its owner may enter: Apache is somebody else.
    directory = Path(tempfile.mkdtemp(prefix="mtvgen-servers-"))
    root = make_trial_site(directory)
    user = ordinary_user()
    if user is not None:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
    yield root
    shutil.rmtree(directory, ignore_errors=True)


# Those that are left out are skipped once, with their reason: test_a_server_is_here.
@pytest.fixture(
    scope="session",
    params=[server for server in SERVERS if why_not(server) is None],
    ids=lambda server: server.name,
)
def server(request):
    return request.param


@pytest.fixture(scope="session")
def running_site(server, trial_site):
    with serve(server, trial_site) as port:
        yield Site(port, trial_site)


@pytest.fixture
def site(running_site, server, record_property):
    """The project under one server."""
    record_property("server", server.name)
    return running_site


@pytest.fixture(scope="session")
def running_site_below(server, trial_site):
    with serve(server, trial_site, PREFIX) as port:
        yield Site(port, trial_site)


@pytest.fixture
def site_below(running_site_below, server, record_property):
    """The project under one server, below `/app`."""
    record_property("server", server.name)
    return running_site_below
