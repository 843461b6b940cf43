"""Which settings are held with the models: those that only the environment and .env change."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.devserver.holding.settings import reads_only_the_environment

SETTINGS = """
from pathlib import Path
from mtvgen.runtime import Settings
class SiteSettings(Settings):
    notes_per_page: int = 20
    def is_long(self): return self.notes_per_page > 20
settings = SiteSettings.from_environment(Path(__file__).parent)
"""


def test_settings_of_the_environment_are_held(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS)
    assert reads_only_the_environment(tmp_path)


@pytest.mark.parametrize(
    "more",
    [
        "VERSION = (Path(__file__).parent / 'version').read_text()\n",
        "import time\nSTARTED = time.time()\n",
        "from version import VERSION\n",
        "class Other(SiteSettings):\n    def from_environment(root): print(root)\n",
        "class Other(SiteSettings):\n    def __init__(self, **values): print(values)\n",
        "settings.notes_per_page = 1\n",
        "def (\n",
    ],
)
def test_settings_that_read_anything_else_are_not_held(more: str, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS + more)
    assert not reads_only_the_environment(tmp_path)
