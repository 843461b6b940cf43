"""Models talk to the database: one file for each subject, one class for each table."""

from mtvgen.runtime.models import Database

from models.book import Author, Book
from models.note import Note
from settings import settings

database = Database(settings.database_url)

__all__ = ["Author", "Book", "Note", "database"]
