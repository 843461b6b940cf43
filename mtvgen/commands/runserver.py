"""`mtvgen runserver`: serve the project while you develop it."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress

import click

from mtvgen.devserver.address import (
    DEFAULT_PORT,
    is_loopback,
    listen,
    own_addresses,
    parse_address,
    url_of,
)
from mtvgen.devserver.processes.throwaway_key import NOTICE, make_key, provide_key
from mtvgen.errors import UsageError
from mtvgen.project.loading import Project, current_project

# The options by which other servers take what is an argument here.
_PORT = re.compile(r"(?:^| )(?:--port|-p)[= ]?([0-9]+)")
_HOST = re.compile(r"(?:^| )(?:--host|--bind|-b)[= ]?([^ ]+)")


class _Runserver(click.Command):
    """The command, which knows what the option `--port` means."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        typed = " ".join(args)  # super() takes from the list
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            port, host = _PORT.search(typed), _HOST.search(typed)
            if not (port or host):
                raise
            number = port[1] if port else str(DEFAULT_PORT)
            before = f"{host[1]}:" if host and ":" not in host[1] else ""
            raise UsageError(
                f"no option {error.option_name}: the address is an argument.",
                cure=f"mtvgen runserver {before}{number}",
            ) from error


@click.command(cls=_Runserver)
@click.argument("address", metavar="[[HOST:]PORT]", required=False)
@click.option("--no-reload", is_flag=True, help="Serve from one process, without reloading.")
@click.option("--poll", is_flag=True, help="Poll for edits the system does not report.")
@click.option("--traceback", is_flag=True, help="Show whole tracebacks, not only your frames.")
def runserver(address: str | None, no_reload: bool, poll: bool, traceback: bool) -> int:
    """Serve the project and reload it on each edit."""
    wanted = parse_address(address)
    if no_reload and poll:
        raise UsageError("--no-reload ignores edits.", cure="mtvgen runserver --poll")
    project = current_project()
    listener = listen(wanted)
    if wanted.port not in (0, listener.getsockname()[1]):
        taken = listener.getsockname()[1]
        click.echo(f"Port {wanted.port} is in use, so this is {taken}.")
    _prepare_environment(project)
    notes = _open_to_the_network(project, listener)
    if os.getpid() == 1 and hasattr(os, "fork"):
        from mtvgen.devserver.init_process import fork_below_init

        fork_below_init()
    # Imported on use: each has what the others do not need.
    if no_reload:
        from mtvgen.devserver.single import serve

        return serve(project, listener, all_frames=traceback, notes=notes)
    from mtvgen.devserver.processes.launch import Launcher

    launcher = Launcher(project.root, listener, all_frames=traceback)
    # Imported when the first process has begun, which imports meanwhile what it needs.
    from mtvgen.devserver.supervisor.event_loop import EventLoop

    return EventLoop(project, launcher, notes=notes, polls=poll).run()


def _prepare_environment(project: Project) -> None:
    os.environ["DEBUG"] = "1"
    make_key()
    if provide_key(project.root):
        click.echo(NOTICE)


def _open_to_the_network(project: Project, listener: socket.socket) -> list[str]:
    """Let others in by this machine's addresses, and what to say about it."""
    host = listener.getsockname()[0]
    if is_loopback(host):
        return []
    own = own_addresses(listener) if host in ("0.0.0.0", "::") else [host]  # noqa: S104
    bracketed = [f"[{address}]" if ":" in address else address for address in own]
    allowed = [*_allowed_hosts(project), socket.gethostname().lower(), *bracketed]
    os.environ["ALLOWED_HOSTS"] = ",".join(allowed)
    notes = ["Open to your network. Error pages are shown on this machine only."]
    return [*notes, *(f"Others reach it at {url_of(listener, address)}" for address in own)]


def _allowed_hosts(project: Project) -> list[str]:
    """Return what the environment, or else the project's `.env`, says already."""
    from mtvgen.runtime.settings.env_file import EnvFileError, read_env_file

    text = os.environ.get("ALLOWED_HOSTS")
    if text is None:
        # What is wrong with the file is the settings' to say, in each worker.
        with suppress(EnvFileError):
            text = read_env_file(project.root / ".env")[0].get("ALLOWED_HOSTS")
    return [host.strip() for host in (text or "").split(",") if host.strip()]
