"""Requests that mean harm, as bytes for a socket, each with the statuses that are right.

The lists are those of the tests that call the application directly; here they go through the
development server too, beside what only a server can be asked.
"""

from __future__ import annotations

from urllib.parse import quote

from tests.devserver.http.test_hostile_bytes import PROBES as PARSER_PROBES
from tests.runtime.security.test_threats_input import BAD_PATHS, GOOD_PATHS
from tests.runtime.security.test_threats_origins import BAD_HOSTS, HOSTILE_NEXT, INJECTIONS
from tests.runtime.security.test_threats_output import SCRIPTS
from tests.runtime.security.test_threats_static import ABSURD_DATES, RANGES, SLASHES, UPWARDS

Probe = tuple[bytes, frozenset[int]]

URLENCODED = "application/x-www-form-urlencoded"
MEBIBYTE = 1024 * 1024


def get(target: str, *fields: str, host: str = "localhost", method: str = "GET") -> bytes:
    """A request as it is, whatever stands in it."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *fields, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def post(target: str, body: bytes, content_type: str, *fields: str, length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    given = (f"Content-Type: {content_type}", f"Content-Length: {size}", *fields)
    return get(target, *given, method="POST") + body


def multipart(*parts: bytes, boundary: str = "X", end: bytes = b"--X--\r\n") -> tuple[bytes, str]:
    body = b"".join(b"--X\r\n" + part + b"\r\n" for part in parts) + end
    return body, f"multipart/form-data; boundary={boundary}"


def table(right: set[int], requests: dict[str, bytes]) -> dict[str, Probe]:
    return {name: (data, frozenset(right)) for name, data in requests.items()}


def _unless_nul(value: str, right: set[int]) -> frozenset[int]:
    """What is right for a text from the query: no database takes a NUL, so nothing gets one."""
    return frozenset({400} if "\0" in value else right)


NAME = b'Content-Disposition: form-data; name="a"'
FILE = b'Content-Disposition: form-data; name="f"; filename="f.txt"'

# Any status but a 5xx, for what the parser lets through to a site that answers as it likes.
ANSWERED = {200, 204, 303, 307, 308, 400, 403, 404, 405}

PARSER = {
    name: (data, frozenset(ANSWERED if status == 200 else {status}))
    for name, (data, status) in PARSER_PROBES.items()
}

PATHS = table({400}, {name: get(url) for name, url in BAD_PATHS.items()}) | table(
    {200}, {url: get(url) for url in GOOD_PATHS}
)

HOSTS = table(
    {400},
    {
        repr(host): get("/", host=host)
        for host in BAD_HOSTS
        if host not in ("localhost", "127.0.0.1")
    },
) | table(
    {200, 308, 307},
    {
        f"{name} says evil.test": get("/slash", f"{name}: evil.test")
        for name in ("X-Forwarded-Host", "X-Host", "X-Original-URL", "Forwarded", "Base-URL")
    },
)

TOO_LARGE = table(
    {413},
    {
        "32 MiB and one, raw": post("/raw", b"", "text/plain", length=32 * MEBIBYTE + 1),
        "32 MiB and one, form": post("/form", b"", URLENCODED, length=32 * MEBIBYTE + 1),
        "32 MiB and one, files": post("/form", b"", multipart()[1], length=32 * MEBIBYTE + 1),
        "2.5 MiB and one in memory": post("/raw", b"", "a/b", length=5 * MEBIBYTE // 2 + 1),
        "an absurd length": post("/raw", b"", "a/b", length=10**17),
        "1 MiB of text": post("/form", b"a=" + b"x" * MEBIBYTE, URLENCODED),
        "1,001 fields": post("/form", b"&".join([b"a=1"] * 1_001), URLENCODED),
        "1,001 parts": post("/form", *multipart(*[NAME + b"\r\n\r\n1"] * 1_001)),
        "101 files": post("/form", *multipart(*[FILE + b"\r\n\r\n1"] * 101)),
        "16 KiB of headers in a part": post(
            "/form", *multipart(NAME + b"\r\nX-Long: " + b"x" * 17_000 + b"\r\n\r\n1")
        ),
        "1 MiB of text in a part": post(
            "/form", *multipart(NAME + b"\r\n\r\n" + b"x" * (MEBIBYTE + 1))
        ),
    },
) | table(
    {415},
    {
        f"{encoding} to {target}": post(target, b"x", URLENCODED, f"Content-Encoding: {encoding}")
        for encoding in ("gzip", "deflate", "br", "zstd", "compress", "gzip, gzip")
        for target in ("/raw", "/form")
    },
) | table(
    {400, 413},
    {
        "deep JSON": post("/json", b"[" * 100_000, "application/json"),
        "deep objects": post("/json", b'{"a":' * 50_000, "application/json"),
        "a number of a million digits": post("/json", b"1" * 1_000_000, "application/json"),
        "broken JSON": post("/json", b'{"a":', "application/json"),
        "JSON in UTF-16": post("/json", '{"a":1}'.encode("utf-16"), "application/json"),
        "JSON with bad UTF-8": post("/json", b'"\xff"', "application/json"),
        "JSON with NaN": post("/json", b"[NaN]", "application/json"),
        "no JSON at all": post("/json", b"", "application/json"),
    },
)  # fmt: skip

CHARSETS = table(
    {400},
    {
        charset: post("/form", b"a=+ADw-", f"{URLENCODED}; charset={charset}")
        for charset in (
            "utf-7", "utf-16", "utf-16le", "utf-32", "utf-8-sig", "punycode", "idna",
            "unicode_escape", "rot13", "base64", "zlib", "hex", "bz2", "cp037", "ibm1026",
            "shift_jis", "iso-2022-jp", "hz", "undefined", "nonsense", "../../etc/passwd",
        )
    },
)  # fmt: skip

# RFC 2046 (section 5.1) and RFC 7578, bent in every place.
BROKEN_FORMS = table(
    {400, 413, 415},
    {
        "no boundary": post("/form", b"--X--\r\n", "multipart/form-data"),
        "an empty boundary": post("/form", *multipart(boundary="")),
        "a boundary that never comes": post("/form", *multipart(NAME, boundary="Y")),
        "a boundary too long": post("/form", *multipart(NAME, boundary="Y" * 300)),
        "a boundary with a line end": post("/form", *multipart(NAME, boundary='"a\tb"')),
        "no last boundary": post("/form", *multipart(NAME + b"\r\n\r\n1", end=b"")),
        "cut in a header": post("/form", b"--X\r\nContent-Dispo", multipart()[1]),
        "cut behind the headers": post("/form", b"--X\r\n" + NAME + b"\r\n\r\n", multipart()[1]),
        "an empty body": post("/form", b"", multipart()[1]),
        "no header": post("/form", *multipart(b"\r\n1")),
        "another disposition": post("/form", *multipart(b"Content-Disposition: inline\r\n\r\n1")),
        "a header without a colon": post("/form", *multipart(b"Nonsense\r\n\r\n1")),
        "a charset of another part": post(
            "/form", *multipart(NAME + b"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n1")
        ),
        "bare line feeds": post(
            "/form", b"--X\n" + NAME + b"\n\n1\n--X--\n", multipart()[1]
        ),
        "a file name that is no UTF-8": post(
            "/form", *multipart(FILE.replace(b"f.txt", b"\xff\xfe") + b"\r\n\r\n1")
        ),
        "another multipart": post("/form", b"--X--\r\n", "multipart/form-data; boundary"),
    },
) | table(
    ANSWERED,
    {
        "no name": post("/form", *multipart(b"Content-Disposition: form-data\r\n\r\n1")),
        "a header with NUL": post("/form", *multipart(NAME + b"\r\nX: \0\r\n\r\n1")),
        "a part that nests": post(
            "/form",
            *multipart(NAME + b"\r\nContent-Type: multipart/mixed; boundary=Y\r\n\r\n--Y--"),
        ),
        "a transfer encoding": post(
            "/form", *multipart(NAME + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==")
        ),
        "names of all bytes": post(
            "/form", *multipart(b'Content-Disposition: form-data; name="\xff\xfe"\r\n\r\n1')
        ),
        "a preamble": post("/form", b"preamble\r\n--X--\r\n", multipart()[1]),
        "an epilogue": post("/form", *multipart(NAME + b"\r\n\r\n1", end=b"--X--\r\nepilogue")),
        "mixed": post("/form", b"--X--\r\n", "multipart/mixed; boundary=X"),
        "a GET with a body": post("/form", b"a=1", URLENCODED).replace(b"POST", b"GET", 1),
    },
) | table(
    {200},
    {
        f"a file called {name!r}": post(
            "/form",
            *multipart(
                b'Content-Disposition: form-data; name="f"; filename="%b"\r\n\r\n1' % name
            ),
        )
        for name in (b"../../etc/passwd", b"..\\\\..\\\\x", b"C:\\\\x", b".htaccess", b"a%00.png",
                     b"NUL", b"con.txt", b"<script>", b"a" * 2_000, b".", b"..", b"/")
    },
)  # fmt: skip

STATIC = table(
    {400, 404},
    {
        f"{up}{slash}": get(f"/static/{up}{slash}{up}{slash}secret.txt")
        for up in UPWARDS
        for slash in SLASHES
        if " " not in up
    },
) | table(
    {405},
    {
        f"{method} a file": get("/static/style.css", method=method)
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "MOVE", "get")
    },
)

CONDITIONS = (
    table(
        {206}, {header[:40]: get("/static/style.css", f"Range: {header}") for header, _ in RANGES}
    )
    | table({416}, {"beyond the end": get("/static/style.css", "Range: bytes=9999-")})
    | table(
        {200},
        {
            f"{field} {date[:40]!r}": get("/static/style.css", f"{field}: {date}")
            for field in ("If-Modified-Since", "If-Unmodified-Since")
            for date in ABSURD_DATES
        },
    )
)

INJECTED = {
    f"{url}{value!r}": (get(url + quote(value)), _unless_nul(value, {200, 303}))
    for url in ("/cookie?value=", "/go?to=")
    for value in INJECTIONS
}

REDIRECTS = {
    f"next={url!r}": (get(f"/next?next={quote(url)}"), _unless_nul(url, {303}))
    for url in HOSTILE_NEXT
} | table(
    {307, 400, 404},
    {
        f"slash {target}": get(target)
        for target in (
            "/slash", "//slash", "//evil.test/", "//evil.test/slash", "/%2fevil.test",
            "/%5cevil.test/", "/\\evil.test/", "//tail/x", "/tail//evil.test", "/tail/%5cevil.test",
            "///tail/x", "/tail/x?next=//evil.test", "/.//evil.test",
        )
    },
)  # fmt: skip

# The development server's own pages: 404 with its table of routes, and the error page's frame.
PAGES = table(
    {400, 404, 200},
    {
        f"{url}{script[:30]!r}": get(url + quote(script))
        for url in ("/nowhere/", "/echo?text=")
        for script in SCRIPTS
    },
)

OTHER_SITES = table(
    {403},
    {
        f"{method} from {fields}": post("/form", b"a=1", URLENCODED, *fields).replace(
            b"POST", method.encode(), 1
        )
        for method in ("POST", "PUT")
        for fields in (
            ("Sec-Fetch-Site: cross-site",),
            ("Sec-Fetch-Site: same-site", "Origin: http://localhost:1"),
            ("Origin: https://evil.test",),
            ("Origin: null",),
            ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"),
        )
    },
)

GROUPS: dict[str, dict[str, Probe]] = {
    "request lines and smuggling": PARSER,
    "hostile paths": PATHS,
    "host poisoning": HOSTS,
    "large bodies": TOO_LARGE,
    "charset tricks": CHARSETS,
    "broken forms": BROKEN_FORMS,
    "static files": STATIC,
    "conditions and ranges": CONDITIONS,
    "header injection": INJECTED,
    "open redirects": REDIRECTS,
    "injected markup": PAGES,
    "cross-origin forms": OTHER_SITES,
}

PROBES = {f"{group}: {name}": probe for group, of in GROUPS.items() for name, probe in of.items()}
