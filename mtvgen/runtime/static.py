"""Static files: the route that serves them, and static() for templates."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import quote

from mtvgen.runtime.exceptions import NotFound
from mtvgen.runtime.request import Request, script_name
from mtvgen.runtime.response import Response


class StaticFiles:
    """The files below one directory.

    Args:
        root: The directory.
        debug: Serve what is on the disk now, under its plain name.

    Raises:
        NotADirectoryError: There is no such directory.
    """

    def __init__(self, root: Path | str, *, debug: bool = False) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise NotADirectoryError(f"static={str(root)!r} is no directory.")
        self.debug = debug

    def url(self, request: Request, name: str) -> str:
        """The address of a file, for `{{ static("style.css") }}`."""
        return f"{script_name(request.environ)}/static/{quote(name)}"

    def serve(self, request: Request, name: str) -> Response:
        """The view of `/static/<path:name>`."""
        root = self.root.resolve()
        file = (root / name).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise NotFound()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(file.read_bytes(), content_type=kind)
