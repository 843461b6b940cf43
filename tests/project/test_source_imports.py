"""Code that is kept never hides what is on the disk, and gives the modules that Python would."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import FileFinder, ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from mtvgen.project.source_imports import (
    compile_ahead,
    compiled_on_import,
    forget_directories,
    import_from_sources,
)


class Asked:
    """A finder that finds nothing, and knows what Python's own finders were asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        self.names.append(name)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose modules this process imports; what that changes is taken back."""
    for name in ("path", "path_hooks", "meta_path"):
        monkeypatch.setattr(sys, name, [*getattr(sys, name)])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    before = set(sys.modules)
    write(tmp_path / "shelf/__init__.py", "")
    write(tmp_path / "shelf/notes.py", "WORD = 'one'\n")
    import_from_sources(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def asked(root: Path) -> Asked:
    spy = Asked()
    sys.meta_path.insert(-1, spy)
    return spy


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def import_notes() -> Any:
    return importlib.import_module("shelf.notes")


def test_a_module_whose_code_is_kept_is_found_at_once(root: Path, asked: Asked) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    assert import_notes().WORD == "one"
    assert asked.names == ["shelf"]
    assert compiled_on_import()[-1:] == [str(root / "shelf/__init__.py")]


def test_it_is_the_module_that_python_would_make(root: Path) -> None:
    def described(module: Any) -> dict[str, object]:
        spec: ModuleSpec = module.__spec__
        names = ("__name__", "__file__", "__package__", "__cached__", "WORD")
        of_spec = ("name", "origin", "cached", "has_location", "parent", "loader_state")
        return {
            **{name: getattr(module, name) for name in names},
            **{f"spec.{name}": getattr(spec, name) for name in of_spec},
            "places": spec.submodule_search_locations,
            "is its loader": module.__loader__ is spec.loader,
            "source": spec.loader.get_source("shelf.notes"),  # type: ignore[union-attr]
            "names": list(vars(module)),
        }

    pythons = described(import_notes())
    del sys.modules["shelf.notes"]
    compile_ahead([str(root / "shelf/notes.py")])
    assert described(import_notes()) == pythons


def edited_in_the_same_second(file: Path) -> None:
    before = file.stat()
    file.write_text("WORD = 'two'\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def now_a_package(file: Path) -> None:
    write(file.with_suffix("") / "__init__.py", "WORD = 'two'\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "same size, same second": edited_in_the_same_second,
    "longer": lambda file: file.write_text("WORD = 'one'\nWORD = 'two'\n"),
    "shorter": lambda file: file.write_text("WORD='two'"),
    "another file in its place": lambda file: (file.unlink(), file.write_text("WORD = 'two'\n")),
    "a link": lambda file: (
        write(file.parent / "other.py", "WORD = 'two'\n"),
        file.unlink(),
        file.symlink_to(file.parent / "other.py"),
    ),
    "a package of the same name": now_a_package,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_on_the_disk_is_imported(root: Path, change: Callable[[Path], object]) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    change(root / "shelf/notes.py")
    assert import_notes().WORD == "two"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_process_that_was_forked_imports_what_is_on_the_disk(
    root: Path, change: Callable[[Path], object]
) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    import_notes()  # so that the directory is known
    del sys.modules["shelf.notes"]
    change(root / "shelf/notes.py")
    forget_directories()
    assert import_notes().WORD == "two"


def test_a_process_that_was_forked_finds_a_place_that_was_missing(root: Path) -> None:
    later = root / "later"
    sys.path.append(str(later))
    sys.path_importer_cache[str(later)] = None  # as it is where there was nothing to find
    write(later / "found_later.py", "WORD = 'two'\n")
    forget_directories()
    assert importlib.import_module("found_later").WORD == "two"


def test_to_forget_imports_nothing() -> None:
    program = (
        "import sys\nfrom mtvgen.project.source_imports import forget_directories\n"
        "before = {*sys.modules}\nforget_directories()\nprint({*sys.modules} - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_a_file_that_is_gone_is_not_imported(root: Path) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    (root / "shelf/notes.py").unlink()
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'shelf\.notes'"):
        import_notes()
    assert not hasattr(sys.modules["shelf"], "notes")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_in_its_place_is_not_waited_for(root: Path) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    (root / "shelf/notes.py").unlink()
    os.mkfifo(root / "shelf/notes.py")
    with pytest.raises(ModuleNotFoundError):
        import_notes()


def test_a_module_is_read_again_by_reload(root: Path) -> None:
    compile_ahead([str(root / "shelf/notes.py")])
    module = import_notes()
    (root / "shelf/notes.py").write_text("WORD = 'two'\n")
    assert importlib.reload(module).WORD == "two"
    assert module.__spec__.loader.get_code("shelf.notes").co_consts[0] == "two"


def test_an_import_hook_of_the_project_is_asked(root: Path) -> None:
    places: list[str] = []

    def hook(place: str) -> FileFinder:
        places.append(place)
        raise ImportError

    compile_ahead([str(root / "shelf/notes.py")])
    sys.path_hooks.insert(0, hook)
    assert import_notes().WORD == "one"
    assert str(root / "shelf") in places


def test_a_package_in_two_places_is_left_to_python(root: Path, asked: Asked) -> None:
    write(root / "other/notes.py", "WORD = 'other'\n")
    (root / "shelf/__init__.py").write_text(f"__path__.insert(0, {str(root / 'other')!r})\n")
    compile_ahead([str(root / "shelf/notes.py")])
    assert import_notes().WORD == "other"
    assert asked.names == ["shelf", "shelf.notes"]
