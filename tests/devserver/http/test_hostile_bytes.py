"""Bytes that no honest client sends: each has an answer with a status line, and the server lives.

The table is what RFC 9110 and RFC 9112 say, read as a hostile person would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.support.wire import Serving, serving

HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Read the body as a careful application would, and echo what was asked for."""
    promised = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(promised)
    status = "200 OK" if len(body) == promised else "400 Bad Request"
    answer = b"%b|%b" % (environ["PATH_INFO"].encode("latin-1"), body)
    start_response(status, [("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving(application) as running:
        yield running


def line(request_line: bytes) -> bytes:
    return request_line + b"\r\n" + HOST + CLOSE + b"\r\n"


def fields(*lines: bytes) -> bytes:
    return (
        b"GET / HTTP/1.1\r\n" + HOST + CLOSE + b"".join(each + b"\r\n" for each in lines) + b"\r\n"
    )


def host(*hosts: bytes) -> bytes:
    lines = b"".join(b"Host: " + each + b"\r\n" for each in hosts)
    return b"GET / HTTP/1.1\r\n" + lines + CLOSE + b"\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    head = b"POST / HTTP/1.1\r\n" + HOST + CLOSE
    return head + b"".join(each + b"\r\n" for each in lines) + b"\r\n" + body


REQUEST_LINES = {
    "no version": (line(b"GET /"), 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/0.9 in words": (line(b"GET / HTTP/0.9"), 505),
    "HTTP/2": (line(b"GET / HTTP/2.0"), 505),
    "HTTP/3": (line(b"GET / HTTP/3.0"), 505),
    "HTTP/9.9": (line(b"GET / HTTP/9.9"), 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1.2 is answered as 1.1": (line(b"GET / HTTP/1.2"), 200),
    "HTTP/1.10": (line(b"GET / HTTP/1.10"), 400),
    "HTTP/11": (line(b"GET / HTTP/11"), 400),
    "HTTP/1": (line(b"GET / HTTP/1"), 400),
    "HTTP/1.": (line(b"GET / HTTP/1."), 400),
    "HTTP/.1": (line(b"GET / HTTP/.1"), 400),
    "HTTP/": (line(b"GET / HTTP/"), 400),
    "HTTP/-1.1": (line(b"GET / HTTP/-1.1"), 400),
    "HTTP/+1.1": (line(b"GET / HTTP/+1.1"), 400),
    "HTTP/1_1": (line(b"GET / HTTP/1_1"), 400),
    "HTTP/1.1 in lower case": (line(b"GET / http/1.1"), 400),
    "HTTPS": (line(b"GET / HTTPS/1.1"), 400),
    "Arabic digits": (line("GET / HTTP/\u0661.\u0661".encode()), 400),
    "ICY": (line(b"GET / ICY/1.1"), 400),
    "blank behind the version": (line(b"GET / HTTP/1.1 "), 400),
    "blank before the method": (line(b" GET / HTTP/1.1"), 400),
    "two blanks before the target": (line(b"GET  / HTTP/1.1"), 400),
    "two blanks before the version": (line(b"GET /  HTTP/1.1"), 400),
    "tab": (line(b"GET\t/\tHTTP/1.1"), 400),
    "vertical tab": (line(b"GET\x0b/ HTTP/1.1"), 400),
    "form feed": (line(b"GET\x0c/ HTTP/1.1"), 400),
    "no-break space": (line(b"GET\xa0/ HTTP/1.1"), 400),
    "four words": (line(b"GET / / HTTP/1.1"), 400),
    "one word": (line(b"GET"), 400),
    "blank in the target": (line(b"GET /a b HTTP/1.1"), 400),
    "no target": (line(b"GET HTTP/1.1"), 400),
    "only blanks": (line(b"   "), 400),
    "empty method": (line(b" / HTTP/1.1"), 400),
    "method with a colon": (line(b"GE:T / HTTP/1.1"), 400),
    "method with a parenthesis": (line(b"GET( / HTTP/1.1"), 400),
    "method with a quote": (line(b'"GET" / HTTP/1.1'), 400),
    "method with NUL": (line(b"GE\x00T / HTTP/1.1"), 400),
    "method beyond ASCII": (line("GÉT / HTTP/1.1".encode()), 400),
    "unknown method is the application's": (line(b"BREW / HTTP/1.1"), 200),
    "method in lower case is another method": (line(b"get / HTTP/1.1"), 200),
    "long method": (line(b"A" * 9000 + b" / HTTP/1.1"), 414),
    "long target": (line(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), 414),
    "long query": (line(b"GET /?" + b"a" * 9000 + b" HTTP/1.1"), 414),
    "endless target": (b"GET /" + b"a" * 100_000, 414),
    "target of 8,000 bytes": (line(b"GET /" + b"a" * 7_990 + b" HTTP/1.1"), 200),
    "TLS greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x7f" * 100, 400),
    "short TLS greeting": (b"\x16\x03\x01", 400),
    "SSH greeting": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400),
    "SMTP": (b"EHLO example.com\r\n\r\n", 400),
    "FTP": (b"USER anonymous\r\n\r\n", 400),
    "Redis": (b"*1\r\n$4\r\nPING\r\n\r\n", 400),
    "PROXY protocol": (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\n\r\n", 400),
    "memcached": (b"\x80\x0b\x00\x00", 400),
    "SOCKS 5": (b"\x05\x01\x00", 400),
    "SMB": (b"\x00\x00\x00\x85\xffSMB", 400),
    "NUL alone": (b"\x00", 400),
    "NULs": (b"\x00" * 10_000, 414),
    "all bytes": (bytes(range(256)), 400),
    "UTF-16": ("GET / HTTP/1.1\r\n\r\n".encode("utf-16"), 400),
    "byte order mark": (b"\xef\xbb\xbf" + line(b"GET / HTTP/1.1"), 400),
    "an answer": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 400),
    "one empty line before": (b"\r\n" + line(b"GET / HTTP/1.1"), 200),
    "several empty lines before": (b"\r\n\r\n\r\n" + line(b"GET / HTTP/1.1"), 200),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
    "bare line feed before": (b"\n" + line(b"GET / HTTP/1.1"), 400),
    "bare carriage returns": (b"GET / HTTP/1.1\rHost: localhost\r\r", 400),
    "CR CR LF": (b"GET / HTTP/1.1\r\r\nHost: localhost\r\r\n\r\r\n", 400),
    "CR in the request line": (line(b"GET /\r HTTP/1.1"), 400),
}

TARGETS = {
    "relative": (line(b"GET a HTTP/1.1"), 400),
    "query alone": (line(b"GET ?a=1 HTTP/1.1"), 400),
    "dot": (line(b"GET . HTTP/1.1"), 400),
    "backslash": (line(b"GET \\ HTTP/1.1"), 400),
    "asterisk with GET": (line(b"GET * HTTP/1.1"), 400),
    "asterisk with OPTIONS": (line(b"OPTIONS * HTTP/1.1"), 200),
    "CONNECT": (line(b"CONNECT localhost:80 HTTP/1.1"), 501),
    "CONNECT with a path": (line(b"CONNECT / HTTP/1.1"), 501),
    "absolute": (line(b"GET http://localhost/x HTTP/1.1"), 200),
    "absolute without a path": (line(b"GET http://localhost HTTP/1.1"), 200),
    "absolute with a query alone": (line(b"GET http://localhost?a HTTP/1.1"), 200),
    "absolute without a host": (line(b"GET http:/// HTTP/1.1"), 400),
    "absolute with a user": (line(b"GET http://user@localhost/ HTTP/1.1"), 400),
    "absolute with a bad port": (line(b"GET http://localhost:x/ HTTP/1.1"), 400),
    "absolute without Host": (b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400),
    "ftp": (line(b"GET ftp://localhost/ HTTP/1.1"), 400),
    "file": (line(b"GET file:///etc/passwd HTTP/1.1"), 400),
    "javascript": (line(b"GET javascript:alert(1) HTTP/1.1"), 400),
    "fragment": (line(b"GET /a#b HTTP/1.1"), 400),
    "fragment of an absolute target": (line(b"GET http://localhost/#b HTTP/1.1"), 400),
    "percent alone": (line(b"GET /% HTTP/1.1"), 400),
    "percent with one digit": (line(b"GET /%a HTTP/1.1"), 400),
    "percent with letters": (line(b"GET /%zz HTTP/1.1"), 400),
    "percent u": (line(b"GET /%u0041 HTTP/1.1"), 400),
    "percent plus": (line(b"GET /%+1 HTTP/1.1"), 400),
    "percent blank": (line(b"GET /% 1 HTTP/1.1"), 400),
    "encoded NUL": (line(b"GET /%00 HTTP/1.1"), 400),
    "encoded CR": (line(b"GET /%0d HTTP/1.1"), 400),
    "encoded LF": (line(b"GET /%0a HTTP/1.1"), 400),
    "encoded CR LF and a field": (line(b"GET /%0d%0aX-Injected:1 HTTP/1.1"), 400),
    "bad UTF-8": (line(b"GET /%ff HTTP/1.1"), 400),
    "raw bad UTF-8": (line(b"GET /\xff HTTP/1.1"), 400),
    "half a character": (line(b"GET /%e4%bd HTTP/1.1"), 400),
    "overlong slash": (line(b"GET /%c0%af HTTP/1.1"), 400),
    "surrogate": (line(b"GET /%ed%a0%80 HTTP/1.1"), 400),
    "beyond Unicode": (line(b"GET /%f4%90%80%80 HTTP/1.1"), 400),
    "raw UTF-8, as curl sends it": (line("GET /首页 HTTP/1.1".encode()), 200),
    "encoded UTF-8": (line(b"GET /%E9%A6%96%E9%A1%B5 HTTP/1.1"), 200),
    "decoded once": (line(b"GET /%2541 HTTP/1.1"), 200),
    "two slashes": (line(b"GET //localhost/ HTTP/1.1"), 200),
    "dot segments": (line(b"GET /../../etc/passwd HTTP/1.1"), 200),
    "bad UTF-8 in the query": (line(b"GET /?a=%ff HTTP/1.1"), 200),
    "bad escape in the query": (line(b"GET /?a=%zz HTTP/1.1"), 200),
    "encoded NUL in the query": (line(b"GET /?a=%00 HTTP/1.1"), 200),
    "raw NUL in the query": (line(b"GET /?a=\x00 HTTP/1.1"), 400),
    "DEL": (line(b"GET /\x7f HTTP/1.1"), 400),
    "escape sequence": (line(b"GET /\x1b[2J HTTP/1.1"), 400),
}

FIELDS = {
    "no colon": (fields(b"Nonsense"), 400),
    "no name": (fields(b": value"), 400),
    "blank before the colon": (fields(b"Name : value"), 400),
    "tab before the colon": (fields(b"Name\t: value"), 400),
    "blank before the name": (fields(b" Name: value"), 400),
    "folded": (fields(b"Name: a", b" b"), 400),
    "folded with a tab": (fields(b"Name: a", b"\tb"), 400),
    "folded first line": (b"GET / HTTP/1.1\r\n " + HOST + CLOSE + b"\r\n", 400),
    "name with a blank": (fields(b"Na me: value"), 400),
    "name with a slash": (fields(b"Na/me: value"), 400),
    "name in brackets": (fields(b"[Name]: value"), 400),
    "name beyond ASCII": (fields("Näme: value".encode()), 400),
    "name with NUL": (fields(b"Na\x00me: value"), 400),
    "value with NUL": (fields(b"Name: a\x00b"), 400),
    "value with CR": (fields(b"Name: a\rb"), 400),
    "value with LF": (fields(b"Name: a\nb"), 400),
    "value with LF and a field": (fields(b"Name: a\nX-Injected: b"), 400),
    "value with an escape": (fields(b"Name: \x1b[2J"), 400),
    "value with DEL": (fields(b"Name: \x7f"), 400),
    "value with a bell": (fields(b"Name: \x07"), 400),
    "value with a tab": (fields(b"Name: a\tb"), 200),
    "value beyond ASCII": (fields("Name: é".encode()), 200),
    "empty value": (fields(b"Name:"), 200),
    "value of blanks": (fields(b"Name:      "), 200),
    "no blank behind the colon": (fields(b"Name:value"), 200),
    "colons in the value": (fields(b"Name: a:b:c"), 200),
    "underscore": (fields(b"Content_Length: 5"), 200),
    "100 fields": (fields(*[b"X-%d: 1" % n for n in range(98)]), 200),
    "101 fields": (fields(*[b"X-%d: 1" % n for n in range(99)]), 431),
    "10,000 fields": (fields(*[b"X-%d: 1" % n for n in range(10_000)]), 431),
    "a long value": (fields(b"Name: " + b"a" * 20_000), 200),
    "a value too long": (fields(b"Name: " + b"a" * 70_000), 431),
    "an endless value": (fields(b"Name: " + b"a" * 300_000)[:-4], 431),
    "a name too long": (fields(b"N" * 70_000 + b": a"), 431),
    "a thousand commas": (fields(b"Connection: " + b"," * 1_000), 200),
    "Content-Type twice": (fields(b"Content-Type: a/b", b"Content-Type: a/b"), 400),
    "Cookie twice": (fields(b"Cookie: a=1", b"Cookie: b=2"), 200),
    "expecting the unknown": (fields(b"Expect: the-unexpected"), 417),
}

HOSTS = {
    "none": (b"GET / HTTP/1.1\r\n" + CLOSE + b"\r\n", 400),
    "none in HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", 200),
    "empty": (host(b""), 400),
    "blanks": (host(b"   "), 400),
    "two": (host(b"localhost", b"localhost"), 400),
    "two that differ": (host(b"localhost", b"evil.test"), 400),
    "two in HTTP/1.0": (b"GET / HTTP/1.0\r\n" + HOST + HOST + b"\r\n", 400),
    "a list": (host(b"localhost, evil.test"), 400),
    "user": (host(b"user@localhost"), 400),
    "path": (host(b"localhost/path"), 400),
    "query": (host(b"localhost?a"), 400),
    "fragment": (host(b"localhost#a"), 400),
    "backslash": (host(b"localhost\\a"), 400),
    "blank inside": (host(b"local host"), 400),
    "quote": (host(b'"localhost"'), 400),
    "angle brackets": (host(b"<script>"), 400),
    "percent": (host(b"%6cocalhost"), 400),
    "beyond ASCII": (host("löcalhost".encode()), 400),
    "scheme": (host(b"http://localhost"), 400),
    "port of letters": (host(b"localhost:http"), 400),
    "port too long": (host(b"localhost:123456"), 400),
    "two ports": (host(b"localhost:80:80"), 400),
    "negative port": (host(b"localhost:-1"), 400),
    "IPv6 without brackets": (host(b"::1"), 400),
    "IPv6 half open": (host(b"[::1"), 400),
    "IPv6 with a zone": (host(b"[fe80::1%25eth0]"), 400),
    "IPv6": (host(b"[::1]:8000"), 200),
    "IPv4": (host(b"127.0.0.1:8000"), 200),
    "name with a port": (host(b"localhost:8000"), 200),
}

LENGTHS = {
    "plus": (post(b"Content-Length: +5", body=b"hello"), 400),
    "minus": (post(b"Content-Length: -5", body=b"hello"), 400),
    "minus one": (post(b"Content-Length: -1"), 400),
    "empty": (post(b"Content-Length:"), 400),
    "letters": (post(b"Content-Length: five", body=b"hello"), 400),
    "hexadecimal": (post(b"Content-Length: 0x5", body=b"hello"), 400),
    "underscore": (post(b"Content-Length: 1_0", body=b"hello"), 400),
    "exponent": (post(b"Content-Length: 5e0", body=b"hello"), 400),
    "fraction": (post(b"Content-Length: 5.0", body=b"hello"), 400),
    "blank inside": (post(b"Content-Length: 1 0", body=b"hello"), 400),
    "Arabic digit": (post("Content-Length: \u0665".encode(), body=b"hello"), 400),
    "superscript": (post(b"Content-Length: \xb2", body=b"hello"), 400),
    "list": (post(b"Content-Length: 5, 5", body=b"hello"), 400),
    "twice": (post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"), 400),
    "twice and different": (post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello"), 400),
    "twice in two cases": (post(b"Content-Length: 5", b"content-length: 0", body=b"hello"), 400),
    "absurd": (post(b"Content-Length: " + b"9" * 100), 413),
    "zeros in front": (post(b"Content-Length: 0005", body=b"hello"), 200),
    "right": (post(b"Content-Length: 5", body=b"hello"), 200),
    "none": (post(), 200),
    "chunked": (post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 411),
    "chunked and a length": (
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        411,
    ),
    "length and chunked": (
        post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
        411,
    ),
    "chunked in capitals": (post(b"Transfer-Encoding: CHUNKED", body=b"0\r\n\r\n"), 411),
    "chunked behind a tab": (post(b"Transfer-Encoding:\tchunked", body=b"0\r\n\r\n"), 411),
    "chunked with a form feed": (post(b"Transfer-Encoding: \x0cchunked"), 400),
    "chunked twice": (post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
    "gzip, chunked": (post(b"Transfer-Encoding: gzip, chunked"), 501),
    "identity": (post(b"Transfer-Encoding: identity"), 501),
    "xchunked": (post(b"Transfer-Encoding: xchunked"), 501),
    "empty coding": (post(b"Transfer-Encoding:"), 501),
    "coding with a blank before the colon": (post(b"Transfer-Encoding : chunked"), 400),
    "coding with an underscore": (post(b"Transfer_Encoding: chunked"), 200),
    "folded coding": (post(b"Transfer-Encoding:", b" chunked"), 400),
    "coding in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
}

PROBES = {
    f"{subject}: {name}": probe
    for subject, table in {
        "request line": REQUEST_LINES,
        "target": TARGETS,
        "fields": FIELDS,
        "host": HOSTS,
        "length": LENGTHS,
    }.items()
    for name, probe in table.items()
}


@pytest.mark.parametrize(("data", "status"), PROBES.values(), ids=PROBES.keys())
def test_hostile_bytes_get_one_answer_and_the_connection_ends(
    server: Serving, data: bytes, status: int
) -> None:
    refused_before = len(server.log.refusals)

    (answer,) = server.send(data)

    assert answer.status == status
    assert answer.headers["connection"] == "close"
    if status != 200:
        assert len(server.log.refusals) == refused_before + 1
    assert server.ask("GET", "/alive").body == b"/alive|"


UNFINISHED = {
    "half a request line": b"GET / HT",
    "no empty line": b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    "half a field": b"GET / HTTP/1.1\r\nHos",
    "half a line end": b"GET / HTTP/1.1\r",
    "half a body": post(b"Content-Length: 10", body=b"hello"),
    "no body": post(b"Content-Length: 10"),
}


@pytest.mark.parametrize("data", UNFINISHED.values(), ids=UNFINISHED.keys())
def test_a_request_that_ends_too_early_is_a_bad_request(server: Serving, data: bytes) -> None:
    (answer,) = server.send(data, then_close=True)

    assert answer.status == 400
    assert server.ask("GET", "/alive").status == 200


def test_a_client_that_says_nothing_is_no_error(server: Serving) -> None:
    refused_before = len(server.log.refusals)

    assert server.send(b"", then_close=True) == []

    assert len(server.log.refusals) == refused_before


def test_there_are_enough_probes() -> None:
    assert len(PROBES) + len(UNFINISHED) >= 200


SMUGGLED = [
    b"GET /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n",
    (
        b"POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    b"POST /first HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: \x0bchunked\r\n\r\n",
    b"POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length : 0\r\n\r\n",
]


@pytest.mark.parametrize("first", SMUGGLED)
def test_what_follows_a_refused_request_is_never_read_as_a_request(
    server: Serving, first: bytes
) -> None:
    (answer,) = server.send(first + line(b"GET /smuggled HTTP/1.1"))

    assert answer.status in {400, 411, 501}
    assert "/smuggled" not in [path for path, _, _ in server.log.answers]
