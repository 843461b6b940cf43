"""Static files: the route that serves them, and static() for templates.

`{{ static("style.css") }}` gives `/static/style.3f2a91c07b5d.css`: the name holds a piece of the
content's hash, so browsers may keep it for a year, and a changed file has a new address. Nothing
is collected or listed before; a worker hashes a file when it is first asked for.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG
from urllib.parse import quote

from mtvgen.runtime.http.errors import NotFound
from mtvgen.runtime.http.media_types import accepted_encodings, content_type_of
from mtvgen.runtime.requests.environ import PATH_SAFE, script_name
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.files import Version, conditional_file, fresh_file
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.routing.access import Access
from mtvgen.runtime.routing.routes import Route, path
from mtvgen.runtime.support.suggestions import did_you_mean_path

_FINGERPRINT_DIGITS = 12  # of SHA-256: 48 bits, to tell the versions of one file apart
_FINGERPRINTED = re.compile(r"(?P<stem>.*[^/])\.(?P<digits>[0-9a-f]{12})(?P<suffix>\.[^./]+)?")
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"  # keep it, and ask whether it has changed (RFC 9111, section 5.2.2.4)

# What a build step may have put next to a file, `style.css.br`, the better one first.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}

# Seconds for which an address is given out again without a look at the disk. A look costs as much
# as a fifth of a page; a file that is replaced meanwhile is served under its old address too.
_LOOK_AGAIN_AFTER = 1.0

_MAX_REMEMBERED = 10_000  # files; more than a site has, and no more than 5 MB


class StaticFiles:
    """The files below one directory.

    Only regular files are served, and only what is inside, wherever links lead. A part of a name
    that begins with a dot is hidden: `.git/`, `.DS_Store`, the swap files of editors.

    Args:
        root: The directory.
        debug: Serve what is on the disk now, under its plain name.
        clock: Seconds from any beginning.

    Raises:
        NotADirectoryError: There is no such directory.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        debug: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise NotADirectoryError(f"static={str(root)!r} is not a directory.")
        self.debug = debug
        self._real_root = os.path.realpath(root)
        self._files: dict[str, _File] = {}
        self._addresses: dict[str, tuple[float, str]] = {}  # name -> good until, address
        self._clock = clock

    def route(self, access: Access | None = None) -> Route:
        """Return the one route that the files are served by, an ordinary one.

        Args:
            access: Who may have them; None on a site without accounts.
        """
        return path("/static/<path:name>", self.serve, name="static", access=access)

    def url(self, request: Request, name: str) -> str:
        """Return the address of a file, for `{{ static("style.css") }}`.

        Raises:
            FileNotFoundError: There is no such file; says which one was probably meant.
        """
        good_until, address = self._addresses.get(name, (0.0, ""))
        if self.debug or not address or self._clock() >= good_until:
            address = self._look_up_address(name)
        return f"{script_name(request.environ)}{address}"

    def _look_up_address(self, name: str) -> str:
        file = self._find(name)
        if file is None:
            raise FileNotFoundError(f"static({name!r}): {self._why_not_found(name)}")
        public = name if self.debug else _with_fingerprint(name, file.fingerprint)
        address = f"/static/{quote(public, safe=PATH_SAFE)}"
        self._addresses[name] = self._clock() + _LOOK_AGAIN_AFTER, address
        return address

    def _why_not_found(self, name: str) -> str:
        names = self.names()
        if name in names:  # a named pipe, or a link to a device or out of the directory
            return f"{self.root.name}/{name} is not a file, or leads outside {self.root.name}/."
        return f"no such file in {self.root.name}/.{did_you_mean_path(name, names)}"

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""
        # Imported on use: only a name that is wrong, and the checks, ask for all of them.
        from mtvgen.runtime.support.walking import walk

        names: list[str] = []
        for directory, below, files in walk(self._real_root):
            below[:] = [name for name in below if not name.startswith(".")]
            folder = Path(directory).relative_to(self._real_root)
            names += [(folder / name).as_posix() for name in files if not name.startswith(".")]
        return sorted(names)

    def serve(self, request: Request, name: str) -> Response:
        """Return the view of `/static/<path:name>`.

        Raises:
            NotFound: There is no such file that may be seen.
            PreconditionFailed: If-Match or If-Unmodified-Since asks for another version.
            RangeNotSatisfiable: The range begins beyond the end.
        """
        file, lifetime = self._find(name), _ASK_EACH_TIME
        if file is None:
            file, lifetime = self._find_fingerprinted(name)
        fields = [("Cache-Control", lifetime), ("X-Content-Type-Options", "nosniff")]
        content_type = content_type_of(file.name)
        if self.debug:
            return fresh_file(request, file.open(), fields, content_type)
        sent = self._negotiate(request.environ.get("HTTP_ACCEPT_ENCODING", ""), file, fields)
        return conditional_file(request, sent.open(), fields, content_type)

    def _find_fingerprinted(self, name: str) -> tuple[_File, str]:
        """Return the file that a fingerprinted name stands for, and how long it may be kept.

        A page that was rendered before or after this deployment names another version: it gets
        the present one, and nobody keeps that under the other's name.
        """
        match = _FINGERPRINTED.fullmatch(name)
        file = self._find(match["stem"] + (match["suffix"] or "")) if match else None
        if match is None or file is None:
            raise NotFound()
        return file, _FOR_A_YEAR if file.fingerprint == match["digits"] else _ASK_EACH_TIME

    def _find(self, name: str) -> _File | None:
        """Return a file by its name below the root; None where nothing may be seen.

        One stat for a file that is known and still the same.
        """
        known = self._files.get(name)
        if known is not None and known.version == _version(known.path):
            return known
        if not _is_plain(name):
            return None
        # No pathlib here: it interns each part of a name that anybody may send, and Python 3.12
        # keeps what is interned for good.
        path = f"{self._real_root}{os.sep}{name}"
        version = _version(path)
        if version is None or not self._is_inside(path):
            return None
        file = _File(name, path, version)
        if known is not None or len(self._files) < _MAX_REMEMBERED:
            self._files[name] = file
        return file

    def _is_inside(self, path: str) -> bool:
        """Return whether a path is below the root when all links are followed."""
        return os.path.realpath(path).startswith(f"{self._real_root}{os.sep}")

    def _negotiate(self, accepted: str, file: _File, fields: list[tuple[str, str]]) -> _File:
        """Return the file, or the compressed one next to it where the browser takes that.

        One that is older than its file is left alone: it holds what the file was before.
        """
        variants = {
            encoding: variant
            for encoding, suffix in _ENCODINGS.items()
            if (variant := self._find(file.name + suffix)) is not None
            and variant.version.modified >= file.version.modified
        }
        if not variants:
            return file
        fields.append(("Vary", "Accept-Encoding"))
        taken = accepted_encodings(accepted)
        for encoding, variant in variants.items():
            if encoding in taken:
                fields.append(("Content-Encoding", encoding))
                return variant
        return file


class _File:
    """A file that may be served, in one version."""

    def __init__(self, name: str, path: str, version: Version) -> None:
        self.name = name
        self.path = path
        self.version = version
        self._fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """A piece of the content's hash, computed once."""
        if self._fingerprint is None:
            with self.open() as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._fingerprint = digest[:_FINGERPRINT_DIGITS]
        return self._fingerprint

    def open(self) -> BufferedReader:
        """Return the content.

        Raises:
            NotFound: It is gone by now, or this process may not read it.
        """
        try:
            return open(self.path, "rb")  # noqa: PTH123  # as above; the caller closes it
        except (FileNotFoundError, PermissionError) as error:
            raise NotFound() from error


def _version(path: str) -> Version | None:
    """Return the version of a regular file; None for all else."""
    try:
        status = os.stat(path)  # noqa: PTH116  # as above
    except (OSError, ValueError):  # ValueError: a NUL in it
        return None
    return Version.of(status) if S_ISREG(status.st_mode) else None


def _is_plain(name: str) -> bool:
    """Return whether a name is made of parts that mean nothing to a file system but themselves."""
    # A colon is a drive or a stream, a backslash a separator, on Windows.
    if not name.isprintable() or "\\" in name or ":" in name:
        return False
    return all(part and not part.startswith(".") for part in name.split("/"))


def _with_fingerprint(name: str, digits: str) -> str:
    """`css/style.css` -> `css/style.3f2a91c07b5d.css`: the folder stays, for relative links."""
    folder, slash, last = name.rpartition("/")
    stem, _, suffix = last.rpartition(".") if "." in last else (last, "", "")
    return f"{folder}{slash}{stem}.{digits}.{suffix}" if suffix else f"{name}.{digits}"
