"""A WSGI server: what stands between the socket and the application."""

import io
import os
import socket
import sys

from web import application

PORT = int(os.environ.get("PORT", "1234"))


def main():
    """Take one caller after the other."""
    listener = socket.create_server(("127.0.0.1", PORT))
    port = listener.getsockname()[1]
    print(f"http://127.0.0.1:{port}/", flush=True)
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            request_line = stream.readline().decode("latin-1").split()
            if len(request_line) == 3:  # else nonsense, or a browser's spare connection
                connection.sendall(run(application, environ_of(request_line, stream, port)))


def environ_of(request_line, stream, port):
    """The request as a dictionary, as PEP 3333 names its parts."""
    method, target, protocol = request_line
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,  # a real server decodes %20 and its kin here
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": protocol,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    while (line := stream.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        key = name.upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        environ[key] = value.strip()
    body = stream.read(int(environ.get("CONTENT_LENGTH", "0")))
    return environ | {"wsgi.input": io.BytesIO(body)}


def run(application, environ):
    """The application's answer, as the bytes of an HTTP response."""
    head = []

    def start_response(status, headers, exc_info=None):
        head[:] = [f"HTTP/1.1 {status}"]
        # The length is counted below, so one that the application gives would be a second.
        head.extend(f"{name}: {text}" for name, text in headers if name.lower() != "content-length")

    body = b"".join(application(environ, start_response))
    head.extend([f"Content-Length: {len(body)}", "Connection: close"])
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


if __name__ == "__main__":
    main()
