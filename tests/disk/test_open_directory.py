"""What is in a directory that was opened once is reached from there alone."""

from __future__ import annotations

import os
import sys

import pytest

from mtvgen.disk.open_directory import OpenDirectory
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no descriptors")


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a/b", "../a", "/etc", "a/", "a\0b"])
def test_no_method_of_an_open_directory_leaves_it(tmp_path, name):
    (tmp_path / "inner" / "a").mkdir(parents=True)
    (tmp_path / "a").write_text("mine")
    before = tree(tmp_path)
    with OpenDirectory.at(tmp_path / "inner") as inner, OpenDirectory.at(tmp_path) as outer:
        for method in (
            inner.enter,
            inner.make_directory,
            inner.read,
            inner.remove_file,
            inner.remove_directory,
            inner.status_of,
            lambda name: inner.create(name, b"x"),
            lambda name: inner.link(name, outer),
            lambda name: inner.take("a", outer, name),
            lambda name: outer.take(name, inner, "new"),
        ):
            with pytest.raises(ValueError, match="is not the name of an entry"):
                method(name)

    assert tree(tmp_path) == before


@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_only_a_regular_file_is_read(tmp_path, kind):
    (tmp_path / "file").write_text("mine")
    match kind:
        case "link":
            (tmp_path / "name").symlink_to("file")
        case "pipe":
            os.mkfifo(tmp_path / "name")
        case _:
            (tmp_path / "name").mkdir()

    with OpenDirectory.at(tmp_path) as opened, pytest.raises(OSError, match="name"):
        opened.read("name")
