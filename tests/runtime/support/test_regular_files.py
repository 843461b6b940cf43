"""A file that is read is one that ends: anything else is an error that says what it is."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from mtvgen.runtime.support.regular_files import NotARegularFile, read_regular_file

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(path))


MAKERS = {
    "a named pipe": os.mkfifo,
    "a socket": make_socket,
    "a directory": os.mkdir,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("is_linked", [False, True])
def test_what_is_no_file_is_an_error_that_says_so(tmp_path, kind, is_linked):
    MAKERS[kind](tmp_path / "name")
    (tmp_path / "link").symlink_to("name")
    with pytest.raises(NotARegularFile, match=f"it is {kind}, and not a file") as caught:
        read_regular_file(tmp_path / ("link" if is_linked else "name"))
    assert caught.value.kind == kind


def test_a_pipe_is_left_alone_also_where_somebody_writes_into_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    written = []

    def write():
        with (tmp_path / "pipe").open("wb") as pipe:
            written.append(pipe.write(b"x"))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with pytest.raises(NotARegularFile):
        read_regular_file(tmp_path / "pipe")
    assert not written  # nobody has opened its other end
    assert (tmp_path / "pipe").read_bytes() == b"x"
    writer.join()


def test_a_file_is_read_up_to_its_most_bytes_and_no_further(tmp_path):
    (tmp_path / "file").write_bytes(b"four")
    assert read_regular_file(tmp_path / "file", 4) == b"four"
    with pytest.raises(OSError, match="it has more than 3 bytes"):
        read_regular_file(tmp_path / "file", 3)
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk, and none in memory
    with pytest.raises(OSError, match="it has more than"):
        read_regular_file(tmp_path / "file")


def test_what_is_mounted_away_is_an_empty_file(tmp_path):
    (tmp_path / "file").symlink_to(os.devnull)
    assert read_regular_file(tmp_path / "file") == b""
