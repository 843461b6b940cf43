"""What comes in as text or bytes: a value, a refusal, and never anything else."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from io import BytesIO
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote_plus, urlencode, urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Application, BadRequest, HTTPError, Limits, Request, safe_next
from mtvgen.runtime.http.conditions import (
    format_http_date,
    parse_http_date,
    parse_range,
    precondition_status,
    weakly_matches,
)
from mtvgen.runtime.http.content_type import parse_content_type, python_codec
from mtvgen.runtime.http.cookies import format_set_cookie, parse_cookies
from mtvgen.runtime.http.errors import RangeNotSatisfiable
from mtvgen.runtime.http.grammar import is_token, printable
from mtvgen.runtime.http.hosts import split_host
from mtvgen.runtime.http.json_values import decode_json
from mtvgen.runtime.http.media_types import accepted_encodings
from mtvgen.runtime.http.negotiation import preferred_type
from mtvgen.runtime.http.urlencoded import parse_urlencoded
from mtvgen.runtime.requests.form_data import parse_form
from mtvgen.runtime.requests.uploads import safe_filename
from mtvgen.runtime.responses.response import redirect
from mtvgen.runtime.security.proxies import TrustedProxies
from tests.support.wsgi_calls import environ_for


def grown_from(pieces: str | list[str], *, most: int = 12) -> st.SearchStrategy[str]:
    """Texts of pieces that mean something to a parser, with any latin-1 text in between."""
    part = st.sampled_from(pieces) | st.text(st.characters(max_codepoint=0xFF), max_size=4)
    return st.lists(part, max_size=most).map("".join)


latin1 = st.text(st.characters(max_codepoint=0xFF))


def pairs_of(fields):
    return list(fields.items()) if isinstance(fields, dict) else fields


@given(grown_from(["a", "=", "&", "%", "%4", "%41", "%e2%98%83", "%ff", "+", ";", "\n", "\r"]))
def fuzz_urlencoded_text_is_read_as_the_standard_library_reads_it(text):
    sent = "".join(c if c < "\x80" else f"%{ord(c):02x}" for c in text)
    # A field without a name counts to browsers and not to parse_qsl(), which drops `=`... never.
    assert pairs_of(parse_urlencoded(text)) == parse_qsl(
        sent, keep_blank_values=True, errors="replace"
    )


@given(st.lists(st.tuples(st.text(), st.text())))
def fuzz_urlencoded_what_was_written_is_read(pairs):
    with suppress(UnicodeEncodeError):  # half a surrogate pair is no text
        assert pairs_of(parse_urlencoded(urlencode(pairs, quote_via=quote_plus))) == pairs


@given(grown_from(["a", "b", "=", ";", " ", '"', "\\", "\\3", "\\377", ",", "__Host-a", "\x85"]))
def fuzz_cookies_any_field_gives_names_that_were_sent(header):
    for name, value in parse_cookies(header).items():
        assert name
        assert name == name.strip(" \t")
        assert not set(name) & set(";=")
        assert isinstance(value, str)


@given(st.text(max_size=200))
def fuzz_cookies_what_was_set_is_read(value):
    try:
        field = format_set_cookie("name", value)
    except ValueError:
        return  # too large, or half a surrogate pair
    assert field.isascii()
    assert field.isprintable()
    assert parse_cookies(f"other=1; {field.partition(';')[0]}; last=2")["name"] == value


names = st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n"\\'), min_size=1)
values = st.text(st.characters(codec="utf-8", exclude_characters="\0"))  # NUL is a 400


@given(st.lists(st.tuples(names, values), max_size=5), st.lists(st.binary(), max_size=3))
def fuzz_multipart_what_a_browser_writes_is_read(fields, files):
    body = b""
    for name, value in fields:
        body += f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        body += value.encode() + b"\r\n"
    for number, data in enumerate(files):
        head = f'form-data; name="f{number}"; filename="{number}.bin"'
        body += f"--edge\r\nContent-Disposition: {head}\r\n\r\n".encode() + data + b"\r\n"
    if b"\r\n--edge" in b"".join(files) + "".join(value for _, value in fields).encode():
        return  # a browser takes another boundary then
    form, uploads = parse(body + b"--edge--\r\n", "multipart/form-data; boundary=edge")
    assert form.pairs == tuple(fields)
    assert [file.file.read() for _, file in uploads.pairs] == files
    close(uploads)


PARTS = [
    "--edge", "--", "\r\n", "\n", "\r", ":", ";", " ", "\t", '"', "\\", "=", "name", "filename",
    "filename*=utf-8''%41", 'Content-Disposition: form-data; name="a"', "Content-Type: ",
    "\r\n\r\n",
    'Content-Disposition: form-data; name="f"; filename="x.y"\r\n\r\n', "Content-Length: 3",
    "Content-Transfer-Encoding: base64", "\0",
]  # fmt: skip
TYPES = [
    "multipart/form-data", "; boundary=", "; boundary=edge", ';boundary="ed\\ge"',
    "; charset=utf-8",
    "; charset=latin-1", "application/x-www-form-urlencoded", ";", "=", '"', "Boundary=edge",
]  # fmt: skip


@given(grown_from(PARTS, most=30), grown_from(TYPES, most=4))
def fuzz_forms_any_body_of_any_type_is_a_form_or_a_refusal(body, content_type):
    for kind in (content_type, "multipart/form-data; boundary=edge"):
        try:
            form, uploads = parse(body.encode("latin-1"), kind)
        except HTTPError as refusal:
            status = refusal.status
        else:
            status = 200
        if status != 200:
            assert 400 <= status < 500
            continue
        for name, value in form.pairs:
            assert isinstance(name, str)
            assert isinstance(value, str)
        close(uploads)


def parse(body, content_type):
    environ = {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    form, uploads, *_ = parse_form(environ, Limits(max_fields=20, max_files=5))
    return form, uploads


def close(uploads):
    for _, file in uploads.pairs:
        file.close()


@given(grown_from(TYPES))
def fuzz_content_type_any_field_is_read_or_refused(header):
    try:
        kind, options = parse_content_type(header)
    except BadRequest:
        return
    assert kind == kind.lower()
    assert ";" not in kind
    assert all(is_token(name) and name == name.lower() for name in options)
    with suppress(BadRequest):
        assert "é".encode("latin-1").decode(python_codec(options.get("charset", "")), "replace")


@given(grown_from(["a", "A", ".", "-", "_", ":", "80", "65536", "[", "]", "::1", "@", "/", "%41"]))
def fuzz_hosts_any_text_is_a_host_that_others_read_alike_or_none(text):
    split = split_host(text)
    if split is None:
        return
    host, port = split
    assert host == host.lower()
    assert host.isascii()
    assert not host.endswith(".")
    assert port is None or 0 <= port <= 65_535
    assert split_host(host) == (host, None)
    read = urlsplit(f"http://{text}/")
    assert (read.hostname or "").rstrip(".") == host.strip("[]") or ":" in host
    assert read.port == port
    assert read.username is None


json_texts = st.text(
    st.sampled_from('[]{}",:0123456789.eE+-truefalsn \\udD8C/\0\x7fé\u2028NaIity')
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda value: json.dumps(value, ensure_ascii=False))


@given(json_texts | st.binary().map(lambda data: data.decode("latin-1")))
def fuzz_json_any_text_is_a_value_that_can_be_written_or_is_refused(text):
    for data in (text.encode("utf-8", "surrogatepass"), text.encode("latin-1", "replace")):
        try:
            value = decode_json(data)
        except (ValueError, RecursionError):
            continue
        assert value == json.loads(data)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        assert decode_json(written) == value


@given(grown_from(["bytes", "=", "-", ",", "0", "1", "9" * 30, " ", "none"]), st.integers(0, 50))
def fuzz_ranges_any_field_is_a_part_the_whole_or_a_416(header, size):
    for text in (header, f"bytes={header}"):
        try:
            span = parse_range(text, size)
        except RangeNotSatisfiable:
            continue
        assert span is None or 0 <= span[0] <= span[1] < size


CONDITIONS = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"]
DATES = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Feb", "30", "0000"]


@given(
    st.dictionaries(
        st.sampled_from(CONDITIONS), grown_from(['"a"', "W/", ",", "*", " ", '"', *DATES])
    ),
    st.sampled_from(["GET", "HEAD", "PUT"]),
)
def fuzz_conditions_any_fields_are_weighed(headers, method):
    status = precondition_status(method, headers, etag='"a"', last_modified=784_111_777.5)
    assert status in (None, 304, 412)
    assert status != 304 or method != "PUT"
    for text in headers.values():
        seconds = parse_http_date(text, now=1_800_000_000)
        if seconds is not None:
            assert parse_http_date(format_http_date(seconds)) == seconds
        assert weakly_matches(text, None) is (text.strip(" \t") == "*")


@given(grown_from(["text", "/", "html", "*", ";", "q=", "0.5", "0", ",", " ", "nan", "1e9", '"']))
def fuzz_accept_any_field_chooses_from_what_is_offered(header):
    offered = ["text/html", "application/json", "text/plain; charset=utf-8"]
    assert preferred_type(header, offered) in (None, *offered)
    assert preferred_type(header, []) is None
    assert all(name == name.lower() for name in accepted_encodings(header))


@given(st.text() | grown_from(["/", "\\", "..", ".", "con", "\0", "\u202e", " ", ".txt", ":"]))
def fuzz_names_of_files_any_name_is_the_plain_name_of_a_file(name):
    safe = safe_filename(name)
    assert safe
    assert len(safe.encode()) <= 255
    assert safe.isprintable()
    assert safe.strip(". ") == safe
    assert not set(safe) & set('/\\<>:"|?*')
    assert safe_filename(safe) == safe


SITE = Application([])
NEXT = ["/", "\\", "?", "#", "@", ":", "http:", "https://", "example.com", "evil.test", "\t", " "]


@given(st.text() | grown_from(NEXT))
def fuzz_redirects_none_that_a_visitor_names_leaves_the_site(text):
    request = Request(environ_for(HTTP_HOST="example.com"), SITE)
    try:
        location = redirect(safe_next(request, text)).headers["Location"]
    except ValueError:
        return  # half a surrogate pair
    assert location.isascii()
    assert location.isprintable()
    assert urlsplit(urljoin("http://example.com/login", location)).netloc == "example.com"
    assert not location.replace("\\", "/").startswith("//")


PROXIES = TrustedProxies(["127.0.0.1", "10.0.0.0/8"])
FORWARDED = ["10.0.0.1", "1.2.3.4", "::1", "[", "]", ":", "80", ",", " ", "http", "https", "/", "a"]


@given(
    st.dictionaries(
        st.sampled_from(["FOR", "PROTO", "HOST", "PREFIX"]).map("HTTP_X_FORWARDED_{}".format),
        grown_from(FORWARDED),
    )
)
def fuzz_proxies_any_fields_are_an_address_a_scheme_and_a_prefix_or_refused(fields):
    environ = environ_for(REMOTE_ADDR="127.0.0.1", **fields)
    try:
        PROXIES.rewrite(environ)
    except BadRequest:
        return
    ip_address(environ["REMOTE_ADDR"])
    assert environ["wsgi.url_scheme"] in ("http", "https")
    assert not environ["SCRIPT_NAME"].startswith("//")
    assert ";" not in environ["SCRIPT_NAME"]


@given(st.text())
def fuzz_logs_no_text_is_a_command_to_a_terminal(text):
    shown = printable(text)
    assert shown.isprintable() or all(c.isprintable() for c in shown)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert "\x9b" not in shown


@given(st.floats() | st.integers())
def fuzz_dates_any_number_is_a_date_or_refused(seconds):
    try:
        text = format_http_date(seconds)
    except ValueError:
        return
    read = parse_http_date(text)
    assert read is not None
    assert math.isclose(read, seconds, rel_tol=0, abs_tol=1)
