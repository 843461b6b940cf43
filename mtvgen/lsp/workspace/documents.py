"""The documents that an editor holds open, each as it was last changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mtvgen.checks.files import MAX_SIZE
from mtvgen.lsp.protocol.positions import Encoding, Lines
from mtvgen.lsp.workspace.uris import Links, path_of
from mtvgen.runtime.support.regular_files import read_regular_file


@dataclass
class Document:
    """One open document.

    Attributes:
        uri: As the client writes it.
        path: Its file, absolute and without links in its directory.
        version: The client's number for this text.
        text: All of it.
        encoding: The units that columns are counted in.
    """

    uri: str
    path: Path
    version: int
    text: str
    encoding: Encoding

    @cached_property
    def lines(self) -> Lines:
        """The positions in its text."""
        return Lines(self.text, self.encoding)

    def changed(self, version: int, changes: list[dict[str, Any]]) -> Document:
        """Return the document after changes, each of which counts from the one before it."""
        document = self
        for change in changes:
            text = change["text"]
            if change.get("range") is not None:
                start = document.lines.offset(change["range"]["start"])
                end = document.lines.offset(change["range"]["end"])
                text = document.text[:start] + text + document.text[max(start, end) :]
            document = Document(self.uri, self.path, version, text, self.encoding)
        return document


class Documents:
    """All open documents.

    Attributes:
        encoding: The units that columns are counted in.
        links: What the client calls directories.
    """

    def __init__(self) -> None:
        self.encoding: Encoding = "utf-16"
        self.links = Links()
        self._by_uri: dict[str, Document] = {}

    def open(self, item: dict[str, Any]) -> Document | None:
        """Take a document that was opened; None where it is not a file."""
        path = path_of(item["uri"])
        if path is None:
            return None
        self.links.learn_file(item["uri"])
        document = Document(item["uri"], path, item["version"], item["text"], self.encoding)
        self._by_uri[document.uri] = document
        return document

    def change(self, item: dict[str, Any], changes: list[dict[str, Any]]) -> Document | None:
        """Take changes of a document; None where it is not open."""
        document = self._by_uri.get(item["uri"])
        if document is not None:
            document = document.changed(item["version"], changes)
            self._by_uri[document.uri] = document
        return document

    def close(self, uri: str) -> Document | None:
        """Forget a document; returns what it was."""
        return self._by_uri.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        """Return an open document by its URI."""
        return self._by_uri.get(uri)

    def at(self, path: Path) -> Document | None:
        """Return an open document by its file."""
        return next((document for document in self if document.path == path), None)

    def uri_of(self, path: Path) -> str:
        """Return the URI of a file, as the client writes it."""
        document = self.at(path)
        return document.uri if document is not None else self.links.uri_of(path)

    def __iter__(self) -> Iterator[Document]:
        """Go through them."""
        return iter(list(self._by_uri.values()))


def text_on_disk(path: Path) -> str:
    """Return the text of a file that is not open; empty where it can't be read."""
    try:
        return read_regular_file(path, MAX_SIZE).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
