"""Every address of the site, in one list."""

from views import people

urls = [
    ("/people", people.index),
    ("/people/<name>", people.detail),
]
