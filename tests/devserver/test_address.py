from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from mtvgen.devserver.address import (
    Address,
    AddressError,
    is_loopback,
    listen,
    own_addresses,
    parse_address,
    url_of,
)
from mtvgen.errors import UsageError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8001", "127.0.0.1", 8001),
        ("0", "127.0.0.1", 0),
        (":8001", "127.0.0.1", 8001),
        ("0.0.0.0:8000", "0.0.0.0", 8000),
        ("localhost:65535", "localhost", 65535),
        ("[::1]:8000", "::1", 8000),
        ("[::]:80", "::", 80),
        ("my-host.local:8000", "my-host.local", 8000),
    ],
)
def test_what_can_be_typed(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port, asked_for=True)


def test_the_default() -> None:
    assert parse_address(None) == Address("127.0.0.1", 8000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "localhost",
        "::1:8000",
        "[::1]",
        "-1",
        "8000:",
        "1.2.3.4:x",
        "80 00",
        "٨٠٠٠",
        "http://localhost:8000",
        "8000/",
    ],
)
def test_what_can_not(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a valid \[HOST:\]PORT: 8001, 0\.0\.0\.0:8000"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.0.0.0", r" -> mtvgen runserver 0\.0\.0\.0:8000$"),
        ("localhost", " -> mtvgen runserver localhost:8000$"),
        ("::1", r" -> mtvgen runserver \[::1\]:8000$"),
        ("[::1]", r" -> mtvgen runserver \[::1\]:8000$"),
        ("::1:8000", " -> mtvgen runserver 8000$"),
        ("65536", "^'65536': ports end at 65535. -> mtvgen runserver 8000$"),
        ("0.0.0.0:99999", r"ports end at 65535. -> mtvgen runserver 0\.0\.0\.0:8000$"),
    ],
)
def test_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_address(text)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_was_asked_for_is_not_exchanged(taken: int) -> None:
    with pytest.raises(AddressError, match=rf"port {taken} is in use\. -> mtvgen runserver \d+$"):
        listen(Address(port=taken, asked_for=True))


def test_the_default_port_gives_way_to_the_next_free_one(taken: int) -> None:
    with listen(Address(port=taken)) as listener:
        assert taken < listener.getsockname()[1] <= taken + 100


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (Address("nowhere.invalid", 8000, True), "no host 'nowhere.invalid' is known here"),
        (Address("192.0.2.1", 8000, True), "192.0.2.1 is not an address of this machine"),
    ],
)
def test_addresses_of_others(address: Address, message: str) -> None:
    with pytest.raises(AddressError, match=message):
        listen(address)


@pytest.mark.parametrize(
    ("host", "begin"), [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:")]
)
def test_the_url_is_one_that_a_browser_here_can_open(host: str, begin: str) -> None:
    with listen(Address(host, 0)) as listener:
        assert url_of(listener) == f"{begin}{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("a.localhost", True),
        ("0.0.0.0", False),
        ("192.168.0.1", False),
        ("localhost.evil.test", False),
        ("", False),
        ("::", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_socket_of_ipv4_is_reached_by_ipv4_only() -> None:
    with listen(Address("0.0.0.0", 0)) as listener:
        assert [each for each in own_addresses(listener) if ":" in each] == []
