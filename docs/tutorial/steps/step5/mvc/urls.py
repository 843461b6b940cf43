"""Every address of the site, in one list."""

from mtvgen.runtime import path

from controllers import people

urlpatterns = [
    path("/people", people.index),
    path("/people/<name>", people.detail),
]
