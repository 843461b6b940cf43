"""walk(): what is in a directory and below it, however deep its folders are nested."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator


def walk(
    top: str | os.PathLike[str],
    *,
    on_error: Callable[[OSError], None] | None = None,
    follow_links: bool = False,
) -> Iterator[tuple[str, list[str], list[str]]]:
    """`os.walk()` from the top down, which up to Python 3.11 calls itself once for each level.

    A thousand folders in each other, which an archive or a clone can bring, end that with a
    RecursionError.

    Args:
        top: The directory.
        on_error: Gets the error of a directory that can't be listed; it is left out.
        follow_links: Go on where links lead to directories; a circle of them is the caller's
            to notice.

    Yields:
        A directory, the names of those in it, which the caller may change, and of its files.
    """
    waiting = [os.fspath(top)]
    while waiting:
        for parent, directories, files in os.walk(waiting.pop(), onerror=on_error):
            yield parent, directories, files
            paths = (os.path.join(parent, name) for name in reversed(directories))  # noqa: PTH118
            waiting += (path for path in paths if follow_links or not os.path.islink(path))  # noqa: PTH114
            break  # the first step alone: the others would be its calls of itself
