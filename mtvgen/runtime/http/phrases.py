"""The reason phrase of each status, whichever version of Python this is."""

from __future__ import annotations

from http import HTTPStatus

# Four phrases changed with RFC 9110 (section 15.5), and Python follows from 3.13 on.
PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
