"""Every address of the site, in one list."""

from mtvgen.runtime import path

from views import home, notes

urlpatterns = [
    path("/", home.index),
    path("/notes", notes.index),
    path("/notes", notes.create, methods=["POST"]),
    path("/notes/<int:id>", notes.detail, name="note"),
]
