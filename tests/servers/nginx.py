"""An nginx of our own, with the lines of the manual."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.serving import ordinary_user, start_process, wait_until_it_listens

NOT_INSTALLED = "nginx is not installed: apt-get install nginx"
# The frame that Debian's nginx has around each site, with its own list of content types.
_FRAME = """
daemon off;
pid {place}/nginx.pid;
error_log {place}/nginx-error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    include {place}/site.conf;
}}
"""


def program() -> str | None:
    """Where nginx is; None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def why_not() -> str | None:
    """Why there is no nginx in this run; None where there is."""
    if not os.environ.get("MTVGEN_FULL"):
        return "nginx: runs with MTVGEN_FULL=1"
    return NOT_INSTALLED if program() is None else None


def write_configuration(place: Path, site: str) -> None:
    """Make a directory for nginx; `site` is what Debian keeps in /etc/nginx/sites-enabled."""
    place.mkdir()
    (place / "site.conf").write_text(site, encoding="utf-8")
    (place / "nginx.conf").write_text(_FRAME.format(place=place), encoding="utf-8")
    user = ordinary_user()
    if user is not None:
        os.chown(place, user.pw_uid, user.pw_gid)


def command(place: Path) -> list[str]:
    """The command that runs it, as `ids()`."""
    words = [program() or "nginx", "-c", str(place / "nginx.conf"), "-p", str(place)]
    return [*words, "-e", str(place / "nginx-error.log")]


def ids() -> dict[str, int]:
    """The user and group that it runs as, where we are root."""
    user = ordinary_user()
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid}


@contextmanager
def running(place: Path, site: str, port: int) -> Iterator[None]:
    """Run it in front of a site, until it listens on a port of the site's configuration."""
    write_configuration(place, site)
    with start_process(command(place), place, dict(os.environ), ids()) as process:
        wait_until_it_listens(process, port, place)
        yield
