"""The differences between your machine and production, from the environment and from .env."""

from pathlib import Path

from mtvgen.runtime import Settings


class SiteSettings(Settings):
    """Add a line for each setting of your own.

    `notes_per_page: int = 20` is NOTES_PER_PAGE in the environment; without a default it is required.
    """


settings = SiteSettings.from_environment(Path(__file__).parent)
