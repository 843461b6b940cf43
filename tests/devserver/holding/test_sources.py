"""Whether an edit changes what a module imports, which is seen without parsing where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.devserver.holding.sources import Sources

DIFFERENT = {
    "another": ("import a\n", "import b\n"),
    "one less": ("import a\nimport b\n", "import a\n"),
    "moved into a function": ("import a\n", "def later():\n    import a\n"),
    "behind a backslash": ("from views import a, \\\n    b\n", "from views import a, \\\n    c\n"),
    "in brackets": ("from views import (\n    a,\n)\n", "from views import (\n    a,\n    b,\n)\n"),
    "behind a comment": (
        "from views import (  # (all)\n    a,\n)\n",
        "from views import (  # (all)\n    b,\n)\n",
    ),
    "all names": ("from shared import *\n", "A = 1\n"),
    "commented out": ("import a\n", "'''\nimport a\n'''\n"),
    "behind a semicolon": ("A = 1\n", "A = 1; import a\n"),
    "a package in one line": ("A = 1\n", "def later(): import views\n"),
    "what is imported": ("A = 1\n", "import importlib\nA = importlib.import_module\n"),
}


@pytest.mark.parametrize(("before", "after"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_an_edit_that_changes_the_imports_is_seen(before: str, after: str, tmp_path: Path) -> None:
    assert edited(before, after, tmp_path)


def test_an_edit_of_all_else_is_not_one_of_the_imports(tmp_path: Path) -> None:
    before = "import a\nfrom views import (  # (all)\n    b,\n)\n"
    assert not edited(f"{before}A = 1\n", f"{before}def index(request): pass\n", tmp_path)


def edited(before: str, after: str, root: Path) -> bool:
    """Return whether an edit of a module is one of its imports."""
    file = root / "urls.py"
    file.write_text(before)
    sources = Sources()
    sources.add({"urls": str(file), "views": str(root / "views" / "__init__.py")})
    sources.of("urls")
    file.write_text(after)
    return sources.differ({"urls"})
