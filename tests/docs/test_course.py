"""The pages of the course that mtvgen comes from, added by hand to a new project and served."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.live_site import environment, get, make_project, running

FILES = {
    "views/course.py": '''
        """The pages of the course."""

        from datetime import datetime

        from mtvgen.runtime import Request, Response, render


        def index(request: Request) -> Response:
            """Who it is, and what time it is."""
            now = datetime.now().strftime("%Y-%m-%d %H:%M")
            return render(request, "course/index.html", name="Tom", age=18, current_time=now)


        def morra(request: Request) -> str:
            """A page without a template."""
            return "<h1>Morra</h1>"


        def chinese(request: Request) -> Response:
            """The same three, in Chinese."""
            return render(
                request, "course/中文.html", name="孙悟空", age=500, current_time="花果山时间"
            )
    ''',
    "templates/course/index.html": """
        {% extends "base.html" %}
        {% block title %}Index{% endblock %}
        {% block content %}
        <h1>{{ name }}</h1><p>{{ age }}</p><time>{{ current_time }}</time>
        {% endblock %}
    """,
    "templates/course/中文.html": """
        {% extends "base.html" %}
        {% block title %}首页{% endblock %}
        {% block content %}
        <h1>姓名：{{ name }}</h1><p>年龄：{{ age }}</p><time>{{ current_time }}</time>
        <a href="{{ url_for("course.chinese") }}">首页</a>
        {% endblock %}
    """,
}

ROUTES = """
    path("/index", course.index),
    path("/morra", course.morra),
    path("/首页", course.chinese),
]
"""


def write_by_hand(project):
    """The files as a user types them, without the indentation of this one."""
    for name, text in FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.removeprefix(" " * 8) for line in text.strip("\n").splitlines()]
        file.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    urls = project / "urls.py"
    text = urls.read_text(encoding="utf-8")
    text = text.replace("from views import ", "from views import course, ")
    urls.write_text(text.rstrip().removesuffix("]") + ROUTES.lstrip(), encoding="utf-8")


# What `python wsgi.py` runs, on a free port instead of 8000.
WSGIREF = """
import wsgiref.simple_server, wsgi
with wsgiref.simple_server.make_server("127.0.0.1", 0, wsgi.application) as server:
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
"""


@pytest.fixture(
    scope="module",
    params=[("mtvgen", "runserver", "0"), ("python", "-c", WSGIREF)],
    ids=["runserver", "wsgiref"],
)
def site(request, tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("course"))
    write_by_hand(project)
    if request.param[0] == "python":  # runserver makes the database by itself
        command = ["mtvgen", "migrate"]
        subprocess.run(command, cwd=project, env=environment(project.parent), check=True)
    with running(project, *request.param) as address:
        yield address


def test_the_first_page_is_there(site):
    status, page = get(f"{site}/")
    assert status == 200
    assert "mysite" in page


def test_the_index_shows_name_age_and_time(site):
    status, page = get(f"{site}/index")
    assert status == 200
    assert "<h1>Tom</h1><p>18</p><time>20" in page


def test_a_view_needs_no_template(site):
    assert get(f"{site}/morra") == (200, "<h1>Morra</h1>")


def test_chinese_text_at_a_chinese_address(site):
    status, page = get(f"{site}/首页")
    assert status == 200
    assert "<h1>姓名：孙悟空</h1><p>年龄：500</p><time>花果山时间</time>" in page
    assert '<a href="/%E9%A6%96%E9%A1%B5">首页</a>' in page
    assert "<title>首页</title>" in page


def test_an_address_that_is_not_there_is_404(site):
    status, page = get(f"{site}/nothing-here")
    assert status == 404
    assert "<h1>" in page
