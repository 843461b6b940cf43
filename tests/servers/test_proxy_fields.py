"""`trusted_proxies` holds under each server as the manual starts it: nobody but the proxy is heard.

To WSGI, X_Forwarded_For and X-Forwarded-For are one name. The manual's table says which servers
keep such names, and how the proxy in front of those drops them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.manual import command, replaced, written_file
from tests.servers.serving import (
    HOST,
    SERVERS,
    free_port,
    serve,
    start_process,
    wait_until_it_answers,
    wait_until_it_listens,
    why_not,
)
from tests.support.live_site import BIN, environment
from tests.support.pages import DOCS

PAGE = "deployment.md"
WSGI = """
from mtvgen.runtime import Application, allowed_hosts, path


def told(request):
    environ = request.environ
    return [environ["REMOTE_ADDR"], request.absolute_url(), environ["SCRIPT_NAME"]]


def home(request):
    return "home"


application = Application(
    [path("/", home, name="home"), path("/told", told, name="told")],
    middleware=[
        allowed_hosts(["example.com", "127.0.0.1", "*.test"], trusted_proxies=["127.0.0.1"])
    ],
)
"""
FROM_THE_PROXY = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "example.com",
    "X-Forwarded-Prefix": "/site",
}
FORGED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Prefix": "/evil",
}
TOLD = ["203.0.113.9", "https://example.com/site/told", "/site"]
DASHES = re.compile("-")
# How somebody may write a name that a program in between does not take for the proxy's own.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "X_Forwarded_For": lambda name: name.replace("-", "_"),
    "X-Forwarded_For": lambda name: DASHES.sub("_", name[::-1], count=1)[::-1],
    "x_forwarded-for": lambda name: DASHES.sub("_", name, count=1).lower(),
}
# The servers whose command the manual prints; the program that its line begins with.
PRINTED = {
    "gunicorn gthread": "gunicorn",
    "waitress": "waitress-serve",
    "granian": "granian",
    "cheroot": "python -m cheroot",
}


@pytest.fixture(scope="module")
def project():
    # Not pytest's tmp_path, which only its owner may enter: Apache is somebody else.
    directory = Path(tempfile.mkdtemp(prefix="mtvgen-fields-"))
    root = directory / "site"
    root.mkdir()
    (root / "wsgi.py").write_text(WSGI)
    for path in (directory, root):
        path.chmod(0o777)
    yield root
    shutil.rmtree(directory)


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.name)
def server(request):
    if reason := why_not(request.param):
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="module")
def port(server, project):
    with started(server, project) as port:
        yield port


@contextmanager
def started(server, project):
    """A server, by the manual's own line where it prints one."""
    port = free_port()
    if server.name in PRINTED:
        text = " ".join(command(PAGE, PRINTED[server.name]))
        at = {"127.0.0.1:8000": f"{HOST}:{port}"}
        if server.name == "granian":
            at = {"--port 8000": f"--port {port}"}
        words = replaced(text, at).split()
    else:
        with serve(server, project) as port:
            yield port
        return
    words[0] = str(BIN / words[0])
    with start_process(words, project, environment(project.parent)) as process:
        wait_until_it_answers(process, port, project)
        yield port


def told(port, *fields):
    """What the site believes, of a request with these fields in their order."""
    lines = [("Host", "example.com"), ("Connection", "close")]
    for named in fields:
        lines += named.items()
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(f"GET /told HTTP/1.1\r\n{head}\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    body = answer.partition(b"\r\n\r\n")[2]
    # Some send even this in chunks.
    return json.loads(body[body.index(b"[") : body.rindex(b"]") + 1])


def spelled(spelling):
    return {SPELLINGS[spelling](name): value for name, value in FORGED.items()}


def test_the_line_with_trusted_proxies_holds(port):
    assert told(port, FROM_THE_PROXY) == TOLD


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_forged_proxy_fields_with_an_underscore_are_kept_or_dropped_as_the_manual_says(
    server, port, spelling
):
    forged = spelled(spelling)
    heard = [told(port, FROM_THE_PROXY, forged), told(port, forged, FROM_THE_PROXY)]
    assert (heard == [TOLD, TOLD]) is (table()[server.name.split()[0]] == "dropped")


def test_the_manual_says_it_of_every_server():
    assert {server.name.split()[0] for server in SERVERS} == set(table())


def table():
    """The first word of each row of the manual's table of servers, and its last cell."""
    text = (DOCS / PAGE).read_text()
    _, _, rows = text.partition("| fields named with `_` |\n|---|---|---|---|\n")
    cells = [row.strip("| ").split(" | ") for row in rows.partition("\n\n")[0].splitlines()]
    return {re.split("[ ,]", row[0])[0]: row[-1] for row in cells}


@pytest.fixture(scope="module")
def careless(project):
    """A server that keeps names with `_`."""
    (server,) = [server for server in SERVERS if server.name == "granian"]
    if reason := why_not(server):
        pytest.skip(reason)
    with started(server, project) as port:
        yield port


@pytest.fixture(scope="module")
def caddy(project, careless):
    skip_without("caddy")
    port = free_port()
    site = replaced(
        written_file(PAGE, "deploy/Caddyfile"),
        {"example.com {": f"http://example.com:{port} {{", "127.0.0.1:8000": f"{HOST}:{careless}"},
    )
    options = f"{{\nadmin off\nauto_https off\nstorage file_system {project}/caddy\n}}\n"
    (project / "Caddyfile").write_text(options + site)
    with proxy(["caddy", "run", "--config", "Caddyfile"], project, port):
        yield port


@pytest.fixture(scope="module")
def haproxy(project, careless):
    skip_without("haproxy")
    port = free_port()
    (option,) = re.findall(r"`(option http-[^`]+)`", (DOCS / PAGE).read_text())
    (project / "haproxy.cfg").write_text(
        f"""
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend site
    bind {HOST}:{port}
    {option}
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(Host)]
    http-request del-header X-Forwarded-Prefix
    default_backend site
backend site
    server one {HOST}:{careless}
"""
    )
    with proxy(["haproxy", "-db", "-f", "haproxy.cfg"], project, port):
        yield port


def skip_without(program):
    if shutil.which(program, path=search_path()) is None:
        pytest.skip(f"not installed: apt-get install {program}")


def search_path():
    return f"{os.environ['PATH']}:/usr/sbin"


@contextmanager
def proxy(words, project, port):
    environ = environment(project.parent) | {"PATH": search_path()}
    with start_process(words, project, environ) as process:
        wait_until_it_listens(process, port, project)
        yield


@pytest.mark.parametrize("name", ["caddy", "haproxy"])
@pytest.mark.parametrize("spelling", [*SPELLINGS, "X-Forwarded-For"])
def test_forged_proxy_fields_do_not_pass_the_proxies_of_the_manual(request, name, spelling):
    port = request.getfixturevalue(name)
    forged = FORGED if spelling == "X-Forwarded-For" else spelled(spelling)
    assert told(port, forged) == [HOST, "http://example.com/told", ""]


def test_forged_proxy_fields_gunicorn_takes_no_prefix_from_a_visitor_with_the_manuals_option(
    project,
):
    (option,) = re.findall(r"`(--forwarded-allow-ips) \"\"`", (DOCS / PAGE).read_text())
    port = free_port()
    words = replaced(" ".join(command(PAGE, "gunicorn")), {"127.0.0.1:8000": f"{HOST}:{port}"})
    with proxy([str(BIN / words.split()[0]), *words.split()[1:], option, ""], project, port):
        assert told(port, FROM_THE_PROXY, {"SCRIPT_NAME": "/told"}) == TOLD
