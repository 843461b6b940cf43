"""An error without a template has a plain page, in the site's language."""

from __future__ import annotations

import pytest

from mtvgen.runtime import Application, path
from mtvgen.runtime.application.plain_pages import CHINESE
from mtvgen.runtime.http import errors
from tests.support.wsgi_calls import call


def broken(request):
    raise ZeroDivisionError


def refused(request):
    raise errors.Forbidden("Only for <members>.")


def site(language):
    routes = [path("/broken", broken, name="broken"), path("/refused", refused, name="refused")]
    return Application(routes, language=language)


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "ZH"])
def test_a_chinese_site_has_chinese_pages(language):
    for _ in range(2):  # made at first, and then kept
        page = call(site(language), "GET", "/nowhere").text
        assert '<html lang="zh">' in page
        assert "<h1>404 页面不存在</h1>" in page
    assert "500 服务器出错" in call(site(language), "GET", "/broken").text


def test_a_sentence_of_the_view_stays_as_it_is():
    page = call(site("zh"), "GET", "/refused").text
    assert "<h1>403 禁止访问</h1>\n<p>Only for &lt;members&gt;.</p>" in page


def test_a_status_that_no_standard_names_has_a_page():
    class Odd(errors.HTTPError):
        status = 498

    def odd(request):
        raise Odd

    answer = call(Application([path("/", odd, name="odd")]), "GET", "/")
    assert (answer.status, answer.reason) == (498, "Unknown")
    assert "<h1>498 Unknown</h1>" in answer.text


@pytest.mark.parametrize("language", ["en", "en-GB", "de"])
def test_every_other_site_has_english_ones(language):
    page = call(site(language), "GET", "/nowhere").text
    assert '<html lang="en">' in page
    assert "<h1>404 Not Found</h1>" in page


def test_every_status_of_an_error_has_its_words():
    assert CHINESE.keys() == {
        kind.status
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.HTTPError) and hasattr(kind, "status")
    } - {0}
