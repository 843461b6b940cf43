"""The same answer, as HTTP asks for it."""

import os
import re
import socket
import threading
from email.utils import formatdate

PORT = int(os.environ.get("PORT", "1234"))
MAX_HEAD = 16 * 1024  # bytes; a longer head is an attack or a mistake
PATIENCE = 10  # seconds; who is silent for longer has gone
REQUEST_LINE = re.compile(r"([A-Za-z]+) (/\S*) HTTP/1\.[01]")


class BadRequest(Exception):
    """What came is no HTTP; holds the status line to answer with."""


def main():
    """Take one caller after the other, and give each a thread of its own."""
    listener = socket.create_server(("127.0.0.1", PORT))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=[connection], daemon=True).start()


def serve(connection):
    """One conversation: read, answer, hang up."""
    with connection:
        connection.settimeout(PATIENCE)
        try:
            connection.sendall(answer(read_head(connection)))
            # Say that nothing follows, then take what the caller still sends:
            # closing on unread bytes would make the system throw our answer away.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except OSError:
            pass  # the caller has gone, or was silent for too long


def read_head(connection):
    """The request line and the headers, however many pieces they come in."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) <= MAX_HEAD:
        piece = connection.recv(4096)
        if not piece:  # the caller has said all they will ever say
            break
        head += piece
    return head


def answer(head):
    """The bytes to send, for the bytes that came."""
    try:
        method, _path, _headers = parse(head)
    except BadRequest as error:
        return response(str(error), f"{error}\n")
    if method not in {"GET", "HEAD"}:
        return response("405 Method Not Allowed", "Only GET.\n", "Allow: GET, HEAD")
    whole = response("200 OK", "Hello, Morra!")
    if method == "HEAD":  # all but the body
        return whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return whole


def parse(head):
    """Method, path and headers; BadRequest if this is no HTTP."""
    if len(head) > MAX_HEAD:
        raise BadRequest("431 Request Header Fields Too Large")
    text, end, _ = head.decode("latin-1").partition("\r\n\r\n")
    first, *lines = text.split("\r\n")
    request_line = REQUEST_LINE.fullmatch(first)
    if not end or not request_line:
        raise BadRequest("400 Bad Request")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest("400 Bad Request")
        headers[name.lower()] = value.strip()
    if first.endswith("1.1") and "host" not in headers:
        raise BadRequest("400 Bad Request")
    return request_line[1], request_line[2], headers


def response(status, text, *more_headers):
    """A whole answer: status line, headers, an empty line, the body."""
    body = text.encode()
    lines = [
        f"HTTP/1.1 {status}",
        f"Date: {formatdate(usegmt=True)}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *more_headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    main()
