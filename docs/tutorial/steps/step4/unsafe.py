"""A page written with an f-string. Do not write pages like this."""

import os
from datetime import datetime
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

PORT = int(os.environ.get("PORT", "1234"))


def index(name):
    """Name, age and time, put into the HTML as they are."""
    current_time = datetime.now().strftime("%Y-%m-%d %H:%M")
    return f"<h1>{name}</h1>\n<p>18 years old. It is {current_time}.</p>\n"


def application(environ, start_response):
    """Show the page for the name that stands behind `?name=`."""
    name = parse_qs(environ["QUERY_STRING"]).get("name", ["Morra"])[0]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [index(name).encode()]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
