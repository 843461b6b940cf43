"""read_regular_file(): the bytes of a file that ends, and of nothing that would be waited for.

A clone, an archive or another user of the machine can put a named pipe, or a link to a device,
where a file is expected; whoever opens a pipe waits until somebody writes into it.
"""

from __future__ import annotations

import errno
import os
import stat

MAX_SIZE = 4 * 1024 * 1024  # bytes; what is larger is data, and none of a project's own texts

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotARegularFile(OSError):
    """There is something else where a file was expected.

    Attributes:
        kind: What it is: "a directory", "a named pipe", "a socket", "a device".
    """

    def __init__(self, kind: str, path: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, and not a file", path)
        self.kind = kind


def read_regular_file(path: str | os.PathLike[str], max_size: int = MAX_SIZE) -> bytes:
    """Return the bytes of a regular file; links to one are followed, and /dev/null is an empty one.

    Args:
        path: The file.
        max_size: Bytes that it may have.

    Raises:
        NotARegularFile: It is something else.
        OSError: It is not there, may not be read, or is larger than that (EFBIG).
    """
    # Looked at before it is opened, because to open a device may already do something, and
    # after, because another one may have taken its place.
    _check_kind(os.stat(path), path)  # noqa: PTH116
    with open(path, "rb", opener=_open_at_once) as file:
        _check_kind(os.fstat(file.fileno()), path)
        content = file.read(max_size + 1)
    if len(content) > max_size:
        raise OSError(errno.EFBIG, f"it has more than {max_size:,} bytes", os.fspath(path))
    return content


def _check_kind(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode) and not _is_null(status):
        kind = next((words for is_one, words in _KINDS if is_one(status.st_mode)), "something else")
        raise NotARegularFile(kind, os.fspath(path))


def _is_null(status: os.stat_result) -> bool:
    """Return whether it is /dev/null, which containers mount over a file that is hidden."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116


def _open_at_once(path: str, flags: int) -> int:
    """Without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
