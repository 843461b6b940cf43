"""What `[project.urls]` would hold: the manual, where mtvgen/__init__.py has an address for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class ProjectUrls(MetadataHookInterface):
    """Adds the address to the metadata of the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill `urls`, which pyproject.toml declares to be dynamic."""
        source = (Path(self.root) / "mtvgen" / "__init__.py").read_text(encoding="utf-8")
        found = re.search(r'^MANUAL_URL = "(.+)"$', source, re.MULTILINE)
        metadata["urls"] = {"Documentation": found[1]} if found else {}
