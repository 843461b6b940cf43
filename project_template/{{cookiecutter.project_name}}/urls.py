"""Every address of the site, in one list."""

from mtvgen.runtime import path

from views import hello, home

urlpatterns = [
    path("/", home.index),
    path("/hello/<name>", hello.greet),
]
