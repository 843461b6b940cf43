"""What the tests share."""

import os

import pytest
from mtvgen.runtime.testing import Client

# The environment wins over .env, so the tests are the same on every machine.
os.environ["SECRET_KEY"] = "a key for the tests alone"
os.environ["ALLOWED_HOSTS"] = "localhost"


@pytest.fixture
def client() -> Client:
    """A browser without a screen: client.get("/"), client.post("/", data={...})."""
    from wsgi import application

    return Client(application)
