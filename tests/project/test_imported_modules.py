"""Which modules a process has imported since a moment, without a look at those from before."""

from __future__ import annotations

import importlib
import sys

from mtvgen.project.imported_modules import modules_since, newest_module, users_files


def test_the_newer_modules_are_found_in_the_order_of_their_import(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("newer_first", "newer_second"):
        (tmp_path / f"{name}.py").write_text("")
    before = newest_module()
    for name in ("newer_first", "newer_second"):
        importlib.import_module(name)
    try:
        modules = modules_since(before)
        assert list(modules) == ["newer_first", "newer_second"]
        expected = [str(tmp_path / f"{name}.py") for name in modules]
        assert users_files(tmp_path) == expected
        # A module that was removed since does not end the search.
        assert list(modules_since("a.module.that.is.gone")) == list(sys.modules)
        assert modules_since("newer_second") == {}
    finally:
        for name in ("newer_first", "newer_second"):
            del sys.modules[name]
