"""The pieces of a new page: where they go, and what they are called there."""

from __future__ import annotations

from tests.support.language_client import Client


def make(client: Client, uri: str, piece: str, *beginnings: str) -> list[str]:
    """Choose the actions that begin so, one after another; returns the titles of those made."""
    made = []
    for beginning in beginnings:
        actions = client.code_actions(uri, piece)
        title = next(one for one in (*actions, "") if one.startswith(beginning) or not one)
        if title:
            client.apply(actions[title]["edit"])
            made.append(title)
    return made


def test_a_path_to_a_module_that_is_neither_written_nor_imported_leads_to_the_page(client):
    urls = client.open(client.directory / "urls.py")
    text = client.texts[urls]
    client.replace(urls, "\n]\n", '\n    path("/shelves/<int:id>", shelves.detail),  # mine\n]\n')
    made = make(client, urls, "shelves.detail", "Create the view", "Create templates")
    assert made == [
        "Create the view shelves.detail in views/shelves.py",
        "Create templates/shelves/detail.html",
    ]
    assert "from views import authors, home, notes, shelves\n" in client.texts[urls]
    view = (client.directory / "views/shelves.py").as_uri()
    assert "def detail(request: Request, id: int) -> Response:" in client.texts[view]
    # A module that is there, and a function that is not.
    client.write(urls, text.replace("import authors, home, notes", "import authors, home"))
    client.replace(urls, "notes.index", "notes.lately")
    made = make(client, urls, "notes.lately", "Create the view")
    assert made == ["Create the view notes.lately in views/notes.py"]
    assert "from views import authors, home, notes\n" in client.texts[urls]
    assert "Add: from views import notes" not in client.code_actions(urls, "notes.lately")
    forget_all(client)


def forget_all(client: Client) -> None:
    """Close every document; what was made is in texts alone, but for the empty files."""
    for uri in list(client.texts):
        client.close_document(uri)
        path = client.directory / uri.removeprefix(f"{client.directory.as_uri()}/")
        if not path.read_text():
            path.unlink()


def route_made(client: Client, call: str, *, piece: str = "") -> str:
    """The path() that is made for a url_for() in a template, and its import."""
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", "{{ " + call + " }}<h1>")
    made = make(client, home, piece or "url_for", "Add path")
    urls = client.texts.get((client.directory / "urls.py").as_uri(), "")
    imports = [line for line in urls.splitlines() if line.startswith("from views")]
    forget_all(client)
    if not made:
        return ""
    return "; ".join([*imports, made[0].removeprefix("Add ").removesuffix(" to urls.py")])


def test_a_new_route_has_an_address_and_a_name_of_its_own(client):
    views = "from views import authors, home, notes; from views.blog import urls as blog; "
    # The short address has another route already.
    made = route_made(client, "url_for('notes.detail', id=1)")
    assert made == views + 'path("/notes/<int:id>/detail", notes.detail)'
    # A number by its value.
    made = route_made(client, "url_for('notes.copy', page=2, of=note.id, by='a, b=1')")
    assert made == views + 'path("/notes/<int:page>/<int:of>/<by>/copy", notes.copy)'
    # What urls.py calls a module of views is not what url_for() calls its views.
    text = (client.directory / "urls.py").read_text()
    urls = client.open(client.directory / "urls.py")
    client.replace(urls, "import authors, home, notes\n", "import authors, home, notes as memos\n")
    made = route_made(client, "url_for('memos.latest')")
    assert made.endswith('path("/memos/latest", memos.latest, name="memos.latest")')
    assert (client.directory / "urls.py").read_text() == text


def test_a_new_route_shadows_no_name_of_urls(client):
    made = route_made(client, "url_for('path')")
    assert "from views import authors, home, notes, path as path_views;" in made
    assert made.endswith('path("/path", path_views.index, name="path")')
    made = route_made(client, "url_for('staff.notes.index')")
    assert "from views.staff import notes as staff_notes;" in made
    assert made.endswith('path("/staff/notes", staff_notes.index)')
    assert route_made(client, "url_for('class.index')") == ""
    assert route_made(client, "url_for('notes.Note')") == ""  # what the file imports


def test_a_view_is_written_into_an_empty_file_with_its_imports_first(client):
    package = client.directory / "views/staff/__init__.py"
    package.parent.mkdir()
    package.touch()
    client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": package.as_uri(), "type": 1}]}
    )
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '{{ url_for(\n  "staff.index") }}<h1>')
    made = make(client, home, '"staff.index"', "Add path", "Create the view")
    assert made[-1] == "Create the view staff.index in views/staff/__init__.py"
    text = client.texts[package.as_uri()]
    assert text.startswith("from mtvgen.runtime import Request, Response, render\n\n\ndef index(")
    forget_all(client)
    package.parent.rmdir()


def test_a_route_is_added_to_whatever_urlpatterns_begin_with(client):
    for old, new in (
        ("urlpatterns = [", "urlpatterns: list[object] = ["),
        ("\n]\n", "\n] + []\n"),
        ("\n]\n", "  # of the group\n]\n"),
    ):
        urls = client.open(client.directory / "urls.py")
        client.replace(urls, old, new)
        home = client.open(client.directory / "templates/home.html")
        client.replace(home, "<h1>", '{{ url_for("tags") }}<h1>')
        assert make(client, home, "tags", "Add path")
        text = client.texts[urls]
        end = new if new.startswith("  #") else "\n"
        assert (
            f',{end.partition(chr(10))[0]}\n    path("/tags", tags.index, name="tags"),\n]' in text
        )
        forget_all(client)


def test_a_route_joins_the_list_that_has_its_like(client):
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '{{ url_for("blog.archive") }}<h1>')
    assert make(client, home, "blog.archive", "Add path", "Create the view") == [
        'Add path("/archive", posts.archive, name="archive") to views/blog/urls.py',
        "Create the view blog.posts.archive in views/blog/posts.py",
    ]
    forget_all(client)


def test_a_view_that_a_list_in_its_own_file_needs_is_written_above_it(client):
    authors = client.open(client.directory / "views/authors.py")
    routes = '\n\n# Below /writers.\nurlpatterns = [\n    path("", index),\n]\n'
    client.write(authors, f"from mtvgen.runtime import path\n{client.texts[authors]}{routes}")
    urls = client.open(client.directory / "urls.py")
    client.replace(
        urls, "    include(", '    include("/writers", authors.urlpatterns),\n    include('
    )
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '{{ url_for("authors.archive") }}<h1>')
    assert make(client, home, "authors.archive", "Add path", "Create the view") == [
        'Add path("/archive", archive) to views/authors.py',
        "Create the view authors.archive in views/authors.py",
    ]
    text = client.texts[authors]
    page = '    return render(request, "authors/archive.html")\n'
    assert f"{page}\n\n# Below /writers.\nurlpatterns = [" in text
    assert '    path("", index),\n    path("/archive", archive),\n]' in text
    forget_all(client)


def test_lines_are_added_as_those_of_the_file_end(client):
    urls = client.directory / "urls.py"
    saved = urls.read_bytes()
    urls.write_bytes(saved.replace(b"\n", b"\r\n"))  # not open: its line ends are the disk's
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '<h1>{{ url_for("tags") }}')
    whole_line = {"line": 4, "character": 99}
    (title,) = client.code_actions(home, "<h1>", whole_line)  # a selection that it is in
    client.apply(client.code_actions(home, "<h1>", whole_line)[title]["edit"])
    text = client.texts[urls.as_uri()]
    assert 'path("/tags", tags.index, name="tags"),\r\n]' in text
    assert text.count("\n") == text.count("\r\n")
    forget_all(client)
    urls.write_bytes(saved)


def test_the_first_import_of_a_file_is_written_below_its_docstring(client):
    urls = client.open(client.directory / "urls.py")
    client.write(urls, '"""Addresses."""\n\nurlpatterns = []\n')
    home = client.open(client.directory / "templates/home.html")
    client.write(home, '{{ url_for("tags") }}')
    assert make(client, home, "tags", "Add path")
    imports = "from mtvgen.runtime import path\n\nfrom views import tags\n"
    assert client.texts[urls].startswith(f'"""Addresses."""\n\n{imports}\nurlpatterns = [')
    view = client.open(client.directory / "views/tags.py", '"""Tags."""\n')
    assert make(client, home, "tags", "Create the view")
    imports = "from mtvgen.runtime import Request, Response, render\n"
    assert client.texts[view].startswith(f'"""Tags."""\n\n{imports}\n\ndef index(')
    client.close_document(view)
    forget_all(client)


def test_a_form_that_sends_post_gets_a_route_that_takes_it(client):
    home = client.open(client.directory / "templates/home.html")
    form = '<form method="post" action="{{ url_for("%s") }}"></form><h1>'
    client.replace(home, "<h1>", form % "tags.join")
    # tags.index does not exist, so nothing redirects to it.
    assert make(client, home, "tags.join", "Add path", "Create the view", "Create templates") == [
        'Add path("/tags/join", tags.join, methods=["POST"]) to urls.py',
        "Create the view tags.join in views/tags.py",
        "Create templates/tags/join.html",
    ]
    client.replace(home, 'url_for("tags.join")', 'url_for("notes.join")')
    assert len(make(client, home, "notes.join", "Add path", "Create the view")) == 2
    text = client.texts[(client.directory / "views/notes.py").as_uri()]
    assert text.endswith('    return redirect(request.url_for("notes.index"))\n')
    forget_all(client)
