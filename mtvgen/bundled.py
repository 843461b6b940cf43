"""Files that come with the package and are not Python: the project template, and the manual."""

from __future__ import annotations

from pathlib import Path

import mtvgen


def bundled(name: str) -> Path:
    """Return a directory of the checkout that runs, or of the installed package.

    Args:
        name: `project_template` or `docs`.
    """
    package = Path(mtvgen.__file__).parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    return package / name
