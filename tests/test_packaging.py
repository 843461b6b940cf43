"""What a stranger gets: the built distributions, and a project made by an installed mtvgen.

The checkout is out of reach: everything runs from an empty directory with an empty environment.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mtvgen.bundled import bundled
from tests.support.live_site import get

CHECKOUT = Path(__file__).parent.parent
MANUAL = sorted((CHECKOUT / "docs").rglob("*.md"))


@dataclass(frozen=True)
class Distributions:
    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a project that it made."""

    scripts: Path
    project: Path
    environ: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.scripts / command[0], *command[1:]],
            capture_output=True,
            text=True,
            cwd=self.project,
            env=self.environ,
        )


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The sdist, and the wheel that is built from it."""
    place = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(place),
        str(CHECKOUT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return Distributions(next(place.glob("*.whl")), next(place.glob("*.tar.gz")))


@pytest.fixture(scope="module")
def installed(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install mtvgen`, `mtvgen startproject mysite`, `pip install -e "mysite[test]"`."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "env", with_pip=False)
    scripts = place / "env" / ("Scripts" if os.name == "nt" else "bin")
    (place / "home").mkdir()
    environ = {"PATH": os.pathsep.join([str(scripts), os.defpath]), "HOME": str(place / "home")}
    _pip(scripts, str(distributions.wheel))
    site = Installed(scripts, place, environ)
    made = site.run("mtvgen", "startproject", "mysite")
    assert made.returncode == 0, made.stderr
    assert not list((place / "home").iterdir())
    _pip(scripts, "-e", f"{place / 'mysite'}[test]")
    return Installed(scripts, place / "mysite", environ)


def _pip(scripts: Path, *what: str) -> None:
    # The pip of this environment, so that its cache and its registry serve.
    command = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "-q"]
    command.append("--no-compile")  # of most of it nothing is imported
    done = subprocess.run([*command, *what], capture_output=True, text=True, cwd=scripts)
    assert done.returncode == 0, done.stderr


def _tracked() -> dict[str, bytes]:
    """The template as git knows it: name -> bytes. What git ignores must not be packaged."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "project_template"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = (name for name in listing.stdout.split("\0") if name and (CHECKOUT / name).exists())
    return {name: (CHECKOUT / name).read_bytes() for name in names}


def test_the_wheel_holds_the_template_that_git_tracks(distributions):
    with zipfile.ZipFile(distributions.wheel) as wheel:
        packed = {
            name.removeprefix("mtvgen/"): wheel.read(name)
            for name in wheel.namelist()
            if name.startswith("mtvgen/project_template/")
        }

    assert packed == _tracked()


def test_the_sdist_holds_the_template_that_git_tracks(distributions):
    with tarfile.open(distributions.sdist) as sdist:
        packed = {
            inside: file.read()
            for name in sdist.getnames()
            if (inside := name.partition("/")[2]).startswith("project_template/")
            and (file := sdist.extractfile(name))
        }

    assert packed == _tracked()


def test_the_wheel_holds_the_package_and_nothing_beside_it(distributions):
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = wheel.namelist()

    tops = {name.partition("/")[0] for name in names}
    assert {re.sub(r"-[\d.]*\d", "", top) for top in tops} == {"mtvgen", "mtvgen.dist-info"}
    assert "mtvgen/py.typed" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_holds_the_manual(distributions):
    with zipfile.ZipFile(distributions.wheel) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("mtvgen/docs/")}

    assert packed >= {f"mtvgen/{page.relative_to(CHECKOUT)}" for page in MANUAL}


def test_an_installed_mtvgen_shows_the_manual_that_it_brought(installed):
    assert installed.run("mtvgen", "docs", "routing").stdout.startswith("# Routing\n")


def test_a_checkout_uses_its_own_template():
    assert bundled("project_template") == CHECKOUT / "project_template"


def test_an_installed_mtvgen_uses_the_template_that_it_brought(installed):
    program = "from mtvgen.bundled import bundled; print(bundled('project_template'))"
    place = Path(installed.run("python", "-c", program).stdout.strip())

    assert place.is_relative_to(installed.scripts.parent)
    assert place.parts[-2:] == ("mtvgen", "project_template")


def test_an_installed_mtvgen_makes_the_same_project(installed):
    files = {
        path.relative_to(installed.project).as_posix()
        for path in installed.project.rglob("*")
        if path.is_file()
    }
    inside = "project_template/{{cookiecutter.project_name}}/"
    expected = {name.removeprefix(inside) for name in _tracked() if name.startswith(inside)}

    leftovers = {name for name in files if name.startswith(("mysite.egg-info/", ".pytest_cache/"))}
    compiled = {name for name in files if "__pycache__" in name}
    assert files - leftovers - compiled >= expected | {".env"}
    assert files - leftovers - compiled - expected - {".env"} <= {"db.sqlite3"}


def test_an_installed_mtvgen_has_the_files_of_accounts_and_of_pages(installed):
    files = CHECKOUT / "mtvgen" / "add" / "templates" / "accounts"
    names = (path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())

    accounts = installed.run("mtvgen", "add", "accounts", "--dry-run").stdout.splitlines()
    assert set(accounts) >= {name.removesuffix("-tpl") for name in names}
    pages = installed.run("mtvgen", "add", "pages", "Note", "--at", "/staff/notes", "--dry-run")
    assert (pages.returncode, pages.stderr) == (0, "")


def test_its_tests_are_green(installed):
    done = installed.run("pytest", "-q")

    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_the_command_and_the_module_are_the_same(installed):
    assert installed.run("mtvgen", "--help").stdout == (
        installed.run("python", "-m", "mtvgen", "--help").stdout
    )


def test_the_project_is_served(installed, server):
    status, page = get(server)
    while "is still being imported" in page:  # what a slow machine is told until it is
        status, page = get(server)

    assert (status, "<h1>mysite" in page) == (200, True), page


@pytest.fixture
def server(installed: Installed) -> Iterator[str]:
    """The address of `mtvgen runserver`, which is stopped as a user stops it."""
    process = subprocess.Popen(
        [installed.scripts / "mtvgen", "runserver", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=installed.project,
        env=installed.environ,
    )
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if address := re.search(r"http://\S+", line):
            yield address[0]
            break
    else:
        pytest.fail(f"the server did not start:\n{said}")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode in (0, 130)


@pytest.mark.parametrize("address", ["", "https://docs.example.org/"])
def test_the_address_of_the_manual_is_in_the_metadata_where_there_is_one(address, tmp_path):
    from hatchling.metadata.core import ProjectMetadata
    from hatchling.plugin.manager import PluginManager

    for name in [".packaging/project_urls.py", "pyproject.toml", "README.md", "LICENSE"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((CHECKOUT / name).read_bytes())
    (tmp_path / "mtvgen").mkdir()
    source = (CHECKOUT / "mtvgen" / "__init__.py").read_text()
    written = source.replace('MANUAL_URL = ""', f'MANUAL_URL = "{address}"')
    (tmp_path / "mtvgen" / "__init__.py").write_text(written)

    urls = ProjectMetadata(str(tmp_path), PluginManager()).core.urls
    assert urls == ({"Documentation": address} if address else {})
