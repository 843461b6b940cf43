"""Who gets what belongs to the developer: error pages, and the reloading of pages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mtvgen.devserver.pages.event_streams import MAX_STREAMS
from mtvgen.devserver.pages.visitors import is_local, is_near
from mtvgen.devserver.urls import LIVE_EVENTS, LIVE_SCRIPT, REFUSAL_SCRIPT
from tests.devserver.running import SITE, Running, runserver, until

LOCAL = {"REMOTE_ADDR": "127.0.0.1", "SERVER_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"}
PROXIES = [
    "Via", "X-Real-IP", "CF-Connecting-IP", "CF-Ray", "Forwarded", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix",
    "X-Forwarded-Server", "X-Forwarded", "X-Original-Forwarded-For", "True-Client-IP",
    "X-Client-IP", "Client-IP", "Fastly-Client-IP", "X-Cluster-Client-IP", "CDN-Loop",
    "X-Amzn-Trace-Id", "X-Envoy-External-Address", "X-ProxyUser-Ip", "Tailscale-User-Login",
]  # fmt: skip


def site(**fields: str) -> dict[str, str]:
    return {**LOCAL, **fields}


def key_of(field: str) -> str:
    return "HTTP_" + field.upper().replace("-", "_")


@pytest.mark.parametrize("field", PROXIES)
def test_who_comes_through_a_proxy_is_nobody_on_this_machine(field):
    assert is_local(site())
    assert not is_local(site(**{key_of(field): "192.0.2.7"}))
    assert not is_near(site(**{key_of(field): "192.0.2.7"}))


@pytest.mark.parametrize("field", ["Accept", "User-Agent", "Origin", "Referer", "X-Requested-With"])
def test_the_fields_of_a_browser_are_no_proxy_s(field):
    assert is_local(site(**{key_of(field): "http://localhost"}))


@pytest.mark.parametrize(
    ("fields", "near"),
    [
        ({}, True),
        ({"HTTP_HOST": "app.localhost"}, True),
        ({"HTTP_HOST": "evil.test"}, False),
        ({"HTTP_HOST": ""}, False),
        ({"HTTP_HOST": "192.0.2.7:8000"}, False),
        ({"REMOTE_ADDR": "192.0.2.9", "SERVER_ADDR": "192.0.2.7"}, False),
        (
            {
                "REMOTE_ADDR": "192.0.2.9",
                "SERVER_ADDR": "192.0.2.7",
                "HTTP_HOST": "192.0.2.7:8000",
            },
            True,
        ),
        (
            {
                "REMOTE_ADDR": "::ffff:192.0.2.9",
                "SERVER_ADDR": "::ffff:192.0.2.7",
                "HTTP_HOST": "192.0.2.7",
            },
            True,
        ),
        (
            {
                "REMOTE_ADDR": "2001:db8::2",
                "SERVER_ADDR": "2001:db8::1",
                "HTTP_HOST": "[2001:DB8::1]:8000",
            },
            True,
        ),
        (
            {"REMOTE_ADDR": "192.0.2.9", "SERVER_ADDR": "192.0.2.7", "HTTP_HOST": "evil.test"},
            False,
        ),
    ],
)
def test_a_phone_in_the_network_knows_the_machine_by_its_address(fields, near):
    assert is_near(site(**fields)) is near


# --- a real server ---


@pytest.fixture(scope="module", params=["fork", "restart"])
def server(request, tmp_path_factory) -> Iterator[Running]:
    files = {
        **SITE,
        "urls.py": SITE["urls.py"].replace("views import home", "views import home, bad"),
    }
    files["urls.py"] = files["urls.py"].replace("]", ', path("/fails", bad.fails)]')
    files["views/bad.py"] = "def fails(request):\n    raise RuntimeError('for the developer')\n"
    root = tmp_path_factory.mktemp(request.param) / "site"
    with runserver(root, site=files, environ={"MTVGEN_DEVSERVER": request.param}) as running:
        yield running


def first_bytes(server: Running, path: str, host: str, *lines: str) -> tuple[socket.socket, str]:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    head = "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *lines, "\r\n"])
    client.sendall(head.encode())
    return client, client.recv(4096).decode()


@pytest.mark.parametrize("path", [LIVE_EVENTS, LIVE_SCRIPT, REFUSAL_SCRIPT])
@pytest.mark.parametrize(
    "host", ["evil.test", "localhost.evil.test", "192.0.2.7", "127.0.0.1.evil.test:80"]
)
def test_live_reload_answers_no_other_host(server, path, host):
    client, answer = first_bytes(server, path, host)
    with client:
        assert answer.startswith("HTTP/1.1 404 ")
        assert "event-stream" not in answer


@pytest.mark.parametrize("path", [LIVE_EVENTS, LIVE_SCRIPT, REFUSAL_SCRIPT])
@pytest.mark.parametrize(
    "field", ["Via: 1.1 tunnel", "X-Forwarded-Host: a.test", "CF-Connecting-IP: 192.0.2.7"]
)
def test_live_reload_answers_nobody_behind_a_proxy(server, path, field):
    client, answer = first_bytes(server, path, "localhost", field)
    with client:
        assert answer.startswith("HTTP/1.1 404 ")


@pytest.mark.parametrize("path", [LIVE_EVENTS, LIVE_SCRIPT, REFUSAL_SCRIPT])
@pytest.mark.parametrize(
    "fields",
    [
        ["Sec-Fetch-Site: cross-site", "Origin: https://evil.test"],
        ["Sec-Fetch-Site: same-site", "Origin: http://localhost:3000"],
        ["Sec-Fetch-Site: cross-site"],
        ["Origin: https://evil.test"],
        ["Origin: null"],
        ["Origin: http://localhost.evil.test"],
    ],
    ids=" ".join,
)
def test_live_reload_answers_no_page_of_another_site(server, path, fields):
    client, answer = first_bytes(server, path, f"localhost:{server.port}", *fields)
    with client:
        assert answer.startswith("HTTP/1.1 404 ")
        assert "event-stream" not in answer


@pytest.mark.parametrize("path", [LIVE_EVENTS, LIVE_SCRIPT, REFUSAL_SCRIPT])
@pytest.mark.parametrize(
    "fields", [["Sec-Fetch-Site: same-origin"], ["Sec-Fetch-Site: none"], ["Origin: {own}"], []]
)
def test_live_reload_answers_the_pages_of_this_site(server, path, fields):
    own = f"localhost:{server.port}"
    fields = [field.format(own=f"http://{own}") for field in fields]
    client, answer = first_bytes(server, path, own, *fields)
    with client:
        assert answer.startswith("HTTP/1.1 200 ")
        assert "Access-Control" not in answer


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "app.localhost"])
def test_live_reload_answers_this_machine(server, host):
    for path in (LIVE_EVENTS, LIVE_SCRIPT):
        client, answer = first_bytes(server, path, f"{host}:{server.port}")
        with client:
            assert answer.startswith("HTTP/1.1 200 ")


def test_a_page_for_others_asks_for_nothing_that_they_do_not_get(server):
    assert LIVE_SCRIPT in server.get("/").text
    assert LIVE_SCRIPT not in server.get("/", host="evil.test").text


@pytest.mark.parametrize("field", PROXIES)
def test_the_error_page_is_for_nobody_behind_a_proxy(server, field):
    client, answer = first_bytes(server, "/fails", "localhost", f"{field}: 192.0.2.7")
    with client:
        assert answer.startswith("HTTP/1.1 500 ")
        assert "for the developer" not in answer
        assert "bad.py" not in answer


def test_the_streams_of_open_pages_are_bounded(server):
    with ExitStack() as opened:
        clients = []
        for _ in range(3 * MAX_STREAMS):
            client, answer = first_bytes(server, LIVE_EVENTS, "localhost")
            opened.enter_context(client)
            assert "200 OK" in answer
            clients.append(client)

        def open_streams() -> int:
            return sum(not _has_ended(client) for client in clients)

        until(lambda: open_streams() <= MAX_STREAMS, lambda: f"{open_streams()} are open")
        assert not _has_ended(clients[-1])
        server.write("templates/other.html", "other")
        until(lambda: b"reload" in clients[-1].recv(4096))


def _has_ended(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) == b"" if not _has_data(client) else False
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        client.settimeout(20)


def _has_data(client: socket.socket) -> bool:
    while True:
        try:
            data = client.recv(4096)
        except BlockingIOError:
            return True
        if not data:
            return False
