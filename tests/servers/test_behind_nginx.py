"""The manual's lines for nginx, as they are printed, and visitors who try to get past them."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.servers import nginx
from tests.servers.manual import SITE, block, replaced
from tests.servers.serving import HOST, free_port, start_process, wait_until_it_answers
from tests.servers.trial_site import add_documented_files
from tests.support.live_site import environment, make_project

VIEWS = '''
"""What the site has been told of a visitor."""


def seen(request, rest=""):
    return {
        "address": request.environ["REMOTE_ADDR"],
        "url": request.absolute_url(),
        "prefix": request.environ["SCRIPT_NAME"],
        "link": request.url_for("home.index"),
    }


def remember(request, rest=""):
    request.session["seen"] = True
    return seen(request)


def remember_much(request):
    request.session["much"] = "x" * 2_900  # about as much as a cookie can hold
    return seen(request)
'''
ROUTES = """
from views import visitor

urlpatterns += [
    path("/remember", visitor.remember),
    path("/remember-much", visitor.remember_much),
    path("/<path:rest>", visitor.seen, methods=["GET", "POST"]),
]
"""
TRUSTED = 'allowed_hosts(settings.allowed_hosts, trusted_proxies=["127.0.0.1"]),'
# All that a visitor may say of themselves, and then some.
FORGED = {
    name.replace("-", dash): value
    for dash in "-_"
    for name, value in {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "a.wild.test",
        "X-Forwarded-Prefix": "/evil",
        "SCRIPT-NAME": "/evil",
    }.items()
}
PASSWORDS = ["/login", "/sign-up", "/zh/login", "/pt-br/sign-up", "/login/", "/login?next=/"]
SPELLINGS = ["/%6cogin", "//login", "/notes/../login", "/./login", "/x/%2e%2e/login"]
# Loopback has many addresses: each test is a visitor of its own.
addresses = (f"127.0.1.{number}" for number in count(1))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def told(self):
        """What the site was told of this visitor."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Visitor:
    """Somebody with an address, in front of nginx."""

    port: int
    address: str
    tls: ssl.SSLContext | None = None

    def ask(self, path, method="GET", **headers):
        """One request; `Host` is example.com unless it is given."""
        fields = [("Host", "example.com"), *FORGED.items()]
        if "Host" in headers:
            fields[0] = ("Host", headers["Host"])
        return self.send(method, path, fields)

    def send(self, method, target, fields):
        """One request, word by word: the target is sent as it is."""
        with self._connected() as connection:
            head = "".join(f"{name}: {value}\r\n" for name, value in fields)
            head = f"{method} {target} HTTP/1.1\r\n{head}Content-Length: 0\r\n"
            connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read())

    @contextmanager
    def _connected(self):
        plain = socket.create_connection((HOST, self.port), 20, (self.address, 0))
        with plain, plain if self.tls is None else self.tls.wrap_socket(plain) as connection:
            yield connection


@dataclass(frozen=True)
class Site:
    """The project under a gunicorn, with all that the manual adds to it."""

    root: Path
    port: int

    def documented(self, *, limits=False, extra=""):
        """deploy/nginx.conf, with what the other pages have one put into it."""
        text = (self.root / "deploy" / "nginx.conf").read_text()
        inside = extra
        if limits:
            # As docs/security.md says: a line beside `upstream`, two lines in `server`.
            text = f"include {self.root}/deploy/limits.conf;\n{text}"
            inside += block("security.md", starting="limit_req ")
        text = replaced(text, {"    location / {": f"{inside}\n    location / {{"})
        here = {"127.0.0.1:8001": f"{HOST}:{self.port}", "127.0.0.1:8002": f"{HOST}:{self.port}"}
        return replaced(text, here)

    @contextmanager
    def behind(self, configuration, name, port):
        with nginx.running(self.root.parent / name, configuration, port):
            yield Visitor(port, next(addresses))


@pytest.fixture(scope="module")
def site():
    if reason := nginx.why_not():
        pytest.skip(reason)
    # Not pytest's tmp_path, which only its owner may enter: nginx is somebody else.
    directory = Path(tempfile.mkdtemp(prefix="mtvgen-nginx-"))
    directory.chmod(0o755)
    try:
        root = make_site(directory)
        port = free_port()
        environ = environment(directory) | {"ALLOWED_HOSTS": "example.com,127.0.0.1,*.wild.test"}
        command = ["sh", "deploy/serve", str(port)]
        with start_process(command, root, environ) as process:
            wait_until_it_answers(process, port, root)
            yield Site(root, port)
    finally:
        shutil.rmtree(directory)


def make_site(directory):
    """A project with a view that says what it sees, and the manual's files in deploy/."""
    root = make_project(directory)
    add_documented_files(root, "deployment.md", "security.md", "static.md")
    for file in (root / "deploy").iterdir():
        file.write_text(file.read_text().replace(SITE, str(root)))
    (root / "views" / "visitor.py").write_text(VIEWS)
    with (root / "urls.py").open("a") as urls:
        urls.write(ROUTES)
    wsgi = root / "wsgi.py"
    wsgi.write_text(replaced(wsgi.read_text(), {"allowed_hosts(settings.allowed_hosts),": TRUSTED}))
    subprocess.run(
        ["mtvgen", "migrate"], cwd=root, env=environment(directory), check=True, capture_output=True
    )
    return root


@pytest.fixture(scope="module")
def plain(site):
    """Behind deploy/nginx.conf with the lines for static files and for a prefix."""
    port = free_port()
    includes = [f"include {site.root}/deploy/{name}.conf;" for name in ("static", "prefix")]
    configuration = site.documented(extra="\n".join(includes))
    with site.behind(listening(configuration, port), "plain", port) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def limited_port(site):
    port = free_port()
    extra = f"include {site.root}/deploy/static.conf;\n"
    configuration = site.documented(limits=True, extra=extra)
    with site.behind(listening(configuration, port), "limited", port):
        yield port


@pytest.fixture
def limited(limited_port):
    """A visitor whom nobody has seen yet, behind the rate limits as well."""
    return Visitor(limited_port, next(addresses))


def listening(configuration, port):
    return replaced(configuration, {"listen 80;": f"listen {HOST}:{port};"})


@pytest.mark.parametrize("path", ["/who", *PASSWORDS, "/%6cogin"])
def test_forged_proxy_fields_a_visitor_never_chooses_address_scheme_host_or_prefix(limited, path):
    for method in ("GET", "POST"):
        told = limited.ask(path, method).told
        assert told["address"] == limited.address
        assert told["url"].startswith("http://example.com/")
        assert (told["prefix"], told["link"]) == ("", "/")


def test_forged_proxy_fields_a_prefix_is_what_nginx_has_cut_off(plain):
    told = plain.ask("/notes/who").told
    assert told["url"] == "http://example.com/notes/who"
    assert (told["prefix"], told["link"]) == ("/notes", "/notes/")
    assert told["address"] == plain.address


@pytest.mark.parametrize("host", ["example.com:1337", "EXAMPLE.com", "example.com."])
def test_host_poisoning_links_have_the_name_that_nginx_routes_by(plain, host):
    assert plain.ask("/who", Host=host).told["url"] == "http://example.com/who"


def test_host_poisoning_a_whole_address_wins_over_the_field_for_the_site_too(plain):
    told = plain.ask("http://example.com/who", Host="b.wild.test").told
    assert told["url"] == "http://example.com/who"


def test_host_poisoning_on_an_unusual_port_links_have_the_port_that_nginx_listens_on(site):
    port, proxy = free_port(), site.root / "deploy" / "proxy.conf"
    fields = replaced(proxy.read_text(), {" $host;": " $host:$server_port;"})
    proxy.with_name("proxy-on-a-port.conf").write_text(fields)
    configuration = replaced(site.documented(), {"proxy.conf": "proxy-on-a-port.conf"})
    with site.behind(listening(configuration, port), "port", port) as visitor:
        for host in (f"example.com:{port}", "example.com:1337", "example.com"):
            assert visitor.ask("/who", Host=host).told["url"] == f"http://example.com:{port}/who"


@pytest.mark.parametrize("host", ["evil.test", "example.com@evil.test", "evil.test:80"])
def test_host_poisoning_another_name_is_refused(plain, host):
    assert plain.ask("/who", Host=host).status == 400


@pytest.mark.parametrize("path", [*PASSWORDS, *SPELLINGS])
def test_password_guessing_is_limited_below_every_prefix_and_in_every_spelling(limited, path):
    answers = Counter(limited.ask(path, "POST").status for _ in range(12))
    # Five a minute, and five in advance; a slow machine lets another one come.
    assert 4 <= answers[429] <= 6, answers
    assert limited.ask(path).status != 429  # the form itself can still be seen


def test_password_guessing_all_addresses_that_hash_are_counted_together(limited):
    answers = Counter(limited.ask(path, "POST").status for path in PASSWORDS * 2)
    assert answers[429] >= 4


def test_password_guessing_one_visitor_does_not_lock_out_another(limited_port, limited):
    while limited.ask("/login", "POST").status != 429:
        pass
    assert Visitor(limited_port, next(addresses)).ask("/login", "POST").status == 200


@pytest.fixture(scope="module")
def from_anywhere(site):
    """The rate limits, for visitors whose address nginx is told in a field: any IPv6 too."""
    port = free_port()
    believed = f"set_real_ip_from {HOST}/8;\nreal_ip_header X-Seen-By-The-Test;"
    configuration = site.documented(limits=True, extra=believed)
    with site.behind(listening(configuration, port), "anywhere", port) as visitor:
        yield visitor


def refused_logins(visitor, seen_from):
    """How many of some guesses are refused, each from an address of its own."""
    fields = [("Host", "example.com")]
    answers = Counter(
        visitor.send("POST", "/login", [*fields, ("X-Seen-By-The-Test", address)]).status
        for address in seen_from
    )
    assert set(answers) <= {200, 429}
    return answers[429]


@pytest.mark.parametrize(
    "network", ["2001:db8:1:2", "2001:db8:0:7", "2001:db8:5:0", "2001:db8:0:0", "fe80:0:0:0"]
)
def test_password_guessing_a_whole_ipv6_network_is_one_visitor(from_anywhere, network):
    """A household has 2 ** 64 addresses, and a server for rent has as many."""
    addresses = [f"{network}:{n:x}:{n * 7:x}:0:{n}" for n in range(1, 7)]
    addresses += [f"{network}::{n:x}" for n in range(1, 7)] if "0:0" not in network else []
    addresses += [f"{network}:0:0:0:{n:x}" for n in range(101, 107)]
    assert refused_logins(from_anywhere, addresses) >= 4


@pytest.mark.parametrize(
    "addresses",
    [
        [f"2001:db8:{n}:1::1" for n in range(200, 212)],
        [f"2001:db8:77:{n:x}::1" for n in range(200, 212)],
        [f"2a0{n:x}::1" for n in range(12)],
        [f"203.0.113.{n}" for n in range(12)],
        [f"::ffff:198.51.100.{n}" for n in range(12)],
    ],
    ids=["48", "64", "short", "IPv4", "IPv4 in IPv6"],
)
def test_password_guessing_visitors_of_other_networks_are_not_counted_together(
    from_anywhere, addresses
):
    assert refused_logins(from_anywhere, addresses) == 0


def test_floods_pages_are_limited_and_static_files_are_not(limited):
    files = Counter(limited.ask("/static/style.css").status for _ in range(60))
    pages = Counter(limited.ask("/who").status for _ in range(60))
    assert files == {200: 60}
    assert pages[429] > 0


def test_static_files_nothing_hidden_and_nothing_behind_a_link(site, plain):
    static = site.root / "static"
    (static / ".git").mkdir()
    (static / ".git" / "config").write_text("SECRET")
    (static / "css").mkdir()
    (static / "css" / ".env").write_text("SECRET")
    (site.root / "secret.txt").write_text("SECRET")
    (static / "out.txt").symlink_to("../secret.txt")
    (static / "up").symlink_to("..")
    names = [".git/config", "css/.env", "out.txt", "up/secret.txt", "%2e%2e/secret.txt"]
    names += ["..%2fsecret.txt", "%2egit/config", "css/..%2f..%2fsecret.txt", "up/.env"]
    for name in [*names, ".git/config.123456789abc.txt", "out.123456789abc.txt"]:
        answer = plain.ask(f"/static/{name}")
        assert answer.status in (403, 404), name
        assert b"SECRET" not in answer.body


@pytest.mark.parametrize("name", ["style.css", "icon.svg"])
def test_static_files_are_sent_with_the_headers_that_the_site_sends(site, plain, name):
    from_nginx = plain.ask(f"/static/{name}")
    from_site = Visitor(site.port, next(addresses)).ask(f"/static/{name}")
    assert from_nginx.status == from_site.status == 200
    assert from_nginx.body == from_site.body
    for field in ("X-Content-Type-Options", "Content-Security-Policy"):
        assert from_nginx.headers[field] == from_site.headers[field] != None  # noqa: E711


def test_static_files_an_address_with_a_fingerprint_is_the_file(site, plain):
    (site.root / "static" / "LICENSE").write_text("free")
    for name in ("style.123456789abc.css", "LICENSE.123456789abc"):
        answer = plain.ask(f"/static/{name}")
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "max-age=31536000"


def test_the_largest_session_fits_through(plain):
    answer = plain.ask("/remember-much")
    assert answer.status == 200
    assert len(answer.headers["Set-Cookie"]) > 3_900


@pytest.mark.parametrize("path", ["/static/.git", "/static/none", "/login"])
def test_disclosure_nginx_tells_nobody_its_version(limited, path):
    while (answer := limited.ask(path, "POST" if path == "/login" else "GET")).status == 200:
        pass
    assert "nginx/" not in str(answer.headers) + answer.body.decode()


def test_stolen_cookies_behind_tls_they_are_secure_and_plain_http_leads_there(site):
    place = site.root.parent / "certificate"
    place.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=example.com",
         "-keyout", place / "privkey.pem", "-out", place / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    for file in place.iterdir():
        file.chmod(0o644)
    port, plain_port = free_port(), free_port()
    servers = (site.root / "deploy" / "tls.conf").read_text()
    upstream = site.documented().partition("server {\n    listen")[0]
    here = {
        "listen 443 ssl;": f"listen {HOST}:{port} ssl;",
        "/etc/letsencrypt/live/example.com": str(place),
    }
    configuration = listening(upstream + replaced(servers, here), plain_port)
    context = ssl.create_default_context(cafile=str(place / "fullchain.pem"))
    context.check_hostname = False
    with site.behind(configuration, "tls", port) as visitor:
        answer = Visitor(port, visitor.address, context).ask("/remember")
        moved = Visitor(plain_port, visitor.address).ask("/who?a=1")
    assert answer.told["url"] == "https://example.com/remember"
    assert "; secure" in answer.headers["Set-Cookie"].lower()
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert (moved.status, moved.headers["Location"]) == (301, "https://example.com/who?a=1")
