"""Two hundred mistakes: one edit each of a site that has none, and what has to be said of it."""

from __future__ import annotations

from typing import NamedTuple


class Seed(NamedTuple):
    """A mistake.

    Attributes:
        kind: The id of the one problem that has to be found.
        file: The file that is edited.
        old: What is replaced, the first time that it occurs; "" for the whole file.
        new: What replaces it.
        meant: What the problem's text has to contain.
        at: The file and a piece of the line where it has to be reported; None: where `old` was.
    """

    kind: str
    file: str
    old: str
    new: str
    meant: str = ""
    at: tuple[str, str] | None = None


HOME, ABOUT = "templates/home.html", "templates/about.html"
BASE, NAV, MACROS = "templates/base.html", "templates/_nav.html", "templates/_macros.html"
LIST, NEW, NOTE = (
    "templates/notes/index.html",
    "templates/notes/new.html",
    "templates/notes/detail.html",
)
AUTHORS, AUTHOR = "templates/authors/index.html", "templates/authors/detail.html"
THEIRS = "templates/authors/_notes.html"
LAYOUT, BLOG, POST = (
    "templates/blog/layout.html",
    "templates/blog/index.html",
    "templates/blog/post.html",
)
VHOME, VNOTES, VAUTHORS, VPOSTS = (
    "views/home.py",
    "views/notes.py",
    "views/authors.py",
    "views/blog/posts.py",
)
URLS, BURLS, WSGI = "urls.py", "views/blog/urls.py", "wsgi.py"

MISSING = [
    Seed("views.missing-name", HOME, "{{ title }}", "{{ titel }}", "Did you mean 'title'?"),
    Seed("views.missing-name", HOME, "crumb in crumbs", "crumb in crums", "'crumbs'"),
    Seed("views.missing-name", HOME, "if mode ==", "if mod ==", "'mode'"),
    Seed("views.missing-name", HOME, "{{ crumb.url }}", "{{ crum.url }}", "'crum' is undefined"),
    Seed("views.missing-name", HOME, "{{ site_name }}", "{{ site_nam }}", "'site_name'"),
    Seed("views.missing-name", ABOUT, "{{ crumb.label }}", "{{ crumbs.label }}", "'crumb'"),
    Seed("views.missing-name", ABOUT, "title|lower", "titel|lower", "'title'"),
    Seed("views.missing-name", ABOUT, "{{ words|trim }}", "{{ word|trim }}", "'word' is undef"),
    Seed("views.missing-name", ABOUT, "{{ link }}", "{{ lnk }}", "'lnk' is undefined"),
    Seed("views.missing-name", ABOUT, "link = crumb.url", "link = crum.url", "'crumb'"),
    Seed("views.missing-name", LIST, "{{ note.title }}", "{{ nte.title }}", "'notes'"),
    Seed("views.missing-name", LIST, "{{ loop.index }}", "{{ lop.index }}", "'lop' is undefined"),
    Seed("views.missing-name", LIST, "notes|length", "nots|length", "'notes'"),
    Seed("views.missing-name", LIST, "notes|map", "note|map", "'notes'"),
    Seed("views.missing-name", LIST, "in notes|sort", "in note|sort", "'notes'"),
    Seed("views.missing-name", NEW, "value=draft", "value=drafts", "'draft'"),
    Seed("views.missing-name", NEW, "in authors", "in author", "'authors'"),
    Seed("views.missing-name", NEW, "forms.button", "form.button", "'form' is undefined"),
    Seed("views.missing-name", NOTE, "if editing", "if edting", "'editing'"),
    Seed("views.missing-name", NOTE, '{{ save("Save"', '{{ safe("Save"', "'safe' is undefined"),
    Seed("views.missing-name", NOTE, "{{ field(", "{{ feld(", "'feld' is undefined"),
    Seed("views.missing-name", NOTE, "<p>{{ note.text", "<p>{{ notes.text", "'note'"),
    Seed("views.missing-name", AUTHORS, "{{ author.name }}", "{{ autor.name }}", "'authors'"),
    Seed("views.missing-name", THEIRS, "in author.notes", "in autor.notes", "'autor' is undefined"),
    Seed("views.missing-name", THEIRS, "{{ note.title }}", "{{ notes.title }}", "'notes' is undef"),
    Seed("views.missing-name", AUTHOR, "{{ count }}", "{{ cont }}", "'cont' is undefined"),
    Seed("views.missing-name", AUTHOR, "{{ title }}", "{{ heading }}", "'heading' is undefined"),
    Seed("views.missing-name", AUTHOR, "= author.notes", "= autor.notes", "'author'"),
    Seed("views.missing-name", BLOG, "{{ first }}", "{{ frist }}", "'first'"),
    Seed("views.missing-name", BLOG, "in years", "in yeras", "'years'"),
    Seed("views.missing-name", POST, "{{ slug|title }}", "{{ slag|title }}", "'slug'"),
    Seed("views.missing-name", POST, "{{ day.year }}", "{{ date.year }}", "'date' is undefined"),
    Seed("views.missing-name", BASE, "{{ message }}", "{{ massage }}", "'massage' is undefined"),
    Seed("views.missing-name", BASE, "in get_flashed_messages", "in get_flash_messages", "get_"),
    Seed("views.missing-name", BASE, "{{ csp_nonce }}", "{{ csp_none }}", "'csp_nonce'"),
    Seed("views.missing-name", BASE, 'static("style', 'statics("style', "'static'"),
    Seed("views.missing-name", NAV, "{{ request.path }}", "{{ reqest.path }}", "'request'"),
    Seed("views.missing-name", "templates/404.html", "{{ error }}", "{{ errors }}", "'error'"),
    Seed(
        "views.missing-name",
        VNOTES,
        ", notes=notes",
        "",
        "'notes' is undefined",
        (LIST, "notes|sort"),
    ),
    Seed("views.missing-name", VNOTES, ', draft=""', "", "'draft' is undef", (NEW, "value=draft")),
    Seed("views.missing-name", VHOME, ', mode="full"', "", "'mode' is undef", (HOME, "if mode")),
    Seed("views.missing-name", VPOSTS, ", day=day", "", "'day' is undefined", (POST, "day.year")),
]
NOT_FOUND = [
    Seed("templates.not-found", HOME, '"base.html"', '"bas.html"', "Did you mean 'base.html'?"),
    Seed("templates.not-found", ABOUT, '"base.html"', '"Base.html"', "'base.html'"),
    Seed("templates.not-found", HOME, '"_macros.html"', '"_macro.html"', "'_macros.html'"),
    Seed("templates.not-found", NEW, '"_macros.html"', '"macros.html"', "'_macros.html'"),
    Seed("templates.not-found", BASE, '"_nav.html"', '"_navi.html"', "'_nav.html'"),
    Seed("templates.not-found", AUTHOR, '"authors/_notes.html"', '"_notes.html"', "authors/_notes"),
    Seed("templates.not-found", BLOG, '"blog/layout.html"', '"layout.html"', "'blog/layout.html'"),
    Seed(
        "templates.not-found", NAV, "</nav>", '{% include ["a.html", "b.html"] %}</nav>', "'a.html'"
    ),
    Seed("views.template-not-found", VHOME, '"home.html"', '"hom.html"', "'home.html'"),
    Seed(
        "views.template-not-found", VNOTES, '"notes/index.html"', '"notes/idex.html"', "notes/index"
    ),
    Seed(
        "views.template-not-found", VAUTHORS, '"authors/detail.html"', '"author/detail.html"', "s/d"
    ),
    Seed("views.template-not-found", VPOSTS, '"blog/post.html"', '"post.html"', "'blog/post.html'"),
]
# A template that no view renders any more is noted, and that is no second problem.
ATTRIBUTES = [
    Seed(
        "templates.unknown-attribute",
        LIST,
        "note.title }}",
        "note.titel }}",
        "Did you mean 'title'?",
    ),
    Seed("templates.unknown-attribute", LIST, "id=note.id", "id=note.ident", "Note has no 'ident'"),
    Seed("templates.unknown-attribute", LIST, "note.author.name", "note.author.nam", "'name'"),
    Seed(
        "templates.unknown-attribute",
        LIST,
        "note.author.initials",
        "note.author.initial",
        "'initials'",
    ),
    Seed("templates.unknown-attribute", NOTE, "{{ note.text }}", "{{ note.txt }}", "'text'"),
    Seed("templates.unknown-attribute", NOTE, "{{ note.title }}", "{{ note.tittle }}", "'title'"),
    Seed("templates.unknown-attribute", NOTE, "if note.author", "if note.autor", "'author'"),
    Seed(
        "templates.unknown-attribute", NOTE, '"Text", note.text', '"Text", note.body', "no 'body'"
    ),
    Seed("templates.unknown-attribute", NEW, "{{ author.name }}", "{{ author.nme }}", "'name'"),
    Seed(
        "templates.unknown-attribute", AUTHORS, "{{ author.name }}", "{{ author.Name }}", "'name'"
    ),
    Seed(
        "templates.unknown-attribute",
        AUTHOR,
        "{{ author.initials }}",
        "{{ author.inits }}",
        "Author",
    ),
    Seed(
        "templates.unknown-attribute",
        AUTHOR,
        "author.notes|length",
        "author.note|length",
        "'notes'",
    ),
    Seed(
        "templates.unknown-attribute",
        THEIRS,
        "{{ note.title }}",
        "{{ note.heading }}",
        "Note has no",
    ),
    Seed(
        "templates.unknown-attribute",
        THEIRS,
        "author.notes",
        "author.posts",
        "Author has no 'posts'",
    ),
    Seed(
        "templates.unknown-attribute", HOME, "{{ crumb.url }}", "{{ crumb.href }}", "Crumb has no"
    ),
    Seed("templates.unknown-attribute", HOME, "crumb.is_home()", "crumb.ishome()", "'is_home'"),
    Seed("templates.unknown-attribute", ABOUT, "{{ crumb.label }}", "{{ crumb.lable }}", "'label'"),
    Seed("templates.unknown-attribute", ABOUT, "= crumb.url", "= crumb.uri", "'url'"),
    Seed("templates.unknown-attribute", POST, "{{ day.year }}", "{{ day.yaer }}", "'year'"),
    Seed(
        "templates.unknown-attribute",
        "crumbs.py",
        "def is_home",
        "def at_home",
        "'is_home'",
        (HOME, "is_home"),
    ),
    Seed(
        "templates.attribute-of-list",
        LIST,
        "{{ notes|length }}",
        "{{ notes.title }}",
        "loop over it",
    ),
    Seed(
        "templates.attribute-of-list",
        AUTHORS,
        "<h2>{{ author.name }}",
        "<h2>{{ authors.name }}",
        "a list",
    ),
    Seed(
        "templates.attribute-of-list", HOME, "<h1>{{ title }}", "<h1>{{ crumbs.label }}", "'label'"
    ),
    Seed(
        "templates.attribute-of-list",
        AUTHOR,
        "<p>{{ count }}",
        "<p>{{ author.notes.title }}",
        "a list",
    ),
]
ADDRESSES = [
    Seed("templates.unknown-route", NAV, '"home.index"', '"home.idex"', "'home.index'"),
    Seed("templates.unknown-route", NAV, '"notes.index"', '"nots.index"', "'notes.index'"),
    Seed("templates.unknown-route", NAV, '"blog.index"', '"blog"', "no route has that name"),
    Seed("templates.unknown-route", BASE, '"about"', '"home.about"', "'about'"),
    Seed("templates.unknown-route", LIST, '"note", id', '"notes.detail", id', "mean 'note'?"),
    Seed("templates.unknown-route", NOTE, '"author", name', '"autor", name', "'author'"),
    Seed("templates.unknown-route", NOTE, '"notes.delete"', '"note.delete"', "'notes.delete'"),
    Seed("templates.unknown-route", BLOG, '"blog.post"', '"blog.posts"', "'blog.post'"),
    Seed("templates.unknown-route", NEW, '"notes.create"', '"notes.creat"', "'notes.create'"),
    Seed(
        "templates.url-missing", LIST, '"note", id=note.id', '"note"', "url_for('note') needs id."
    ),
    Seed("templates.url-missing", LIST, "id=note.id", "ids=note.id", "Did you mean 'id'?"),
    Seed(
        "templates.url-missing", NOTE, '"author", name=', '"author", names=', "Did you mean 'name'?"
    ),
    Seed("templates.url-missing", NOTE, 'delete", id=note.id', 'delete"', "needs id"),
    Seed(
        "templates.url-missing",
        NOTE,
        'delete", id=note.id',
        'delete", pk=note.id',
        "needs id (and got pk)",
    ),
    Seed("templates.url-missing", BLOG, 'year=year, slug="all"', "year=year", "needs slug"),
    Seed("templates.url-missing", BLOG, "year=year, ", "", "needs year"),
    Seed("templates.url-type", BLOG, "year=year", 'year="now"', "year is an int, not 'now'"),
    Seed("templates.url-type", BLOG, 'slug="all"', 'slug="all posts"', "slug is a slug"),
    Seed("templates.url-type", LIST, "id=note.id", 'id="first"', "id is an int"),
    Seed("templates.url-type", NOTE, "name=note.author.name", 'name="A B"', "name is a slug"),
    Seed(
        "views.unknown-route", VNOTES, '("notes.index")', '("nots.index")', "redirects to url_for"
    ),
    Seed("views.unknown-route", VNOTES, '"note", id=note.id', '"nte", id=note.id', "'note'"),
    Seed("views.unknown-route", VPOSTS, '"blog.post"', '"post"', "'blog.post'"),
    Seed("views.unknown-route", VPOSTS, '"blog.post"', '"blog.posts.detail"', "'blog.post'?"),
    Seed("views.url-missing", VNOTES, '("note", id=note.id)', '("note")', "needs id"),
    Seed("views.url-missing", VPOSTS, ', slug="first"', "", "needs slug"),
    Seed("views.url-missing", VPOSTS, "year=2026", "yaer=2026", "Did you mean 'year'?"),
    Seed("views.url-type", VPOSTS, "year=2026", 'year="x"', "year is an int"),
    Seed("views.url-type", VPOSTS, 'slug="first"', 'slug="first post"', "slug is a slug"),
    Seed(
        "templates.static-missing", BASE, '"style.css"', '"stile.css"', "Did you mean 'style.css'?"
    ),
    Seed("templates.static-missing", BASE, '"js/site.js"', '"site.js"', "'js/site.js'"),
    Seed("templates.static-missing", ABOUT, '"logo.svg"', '"logo.png"', "'logo.svg'"),
    Seed("templates.static-missing", ABOUT, '"logo.svg"', '"/logo.svg"', "no such file"),
    Seed("templates.form-method", LIST, 'for("notes.create")', 'for("notes.new")', "takes GET"),
    Seed(
        "templates.form-method", NEW, 'for("notes.create")', 'for("about")', "sends POST to 'about'"
    ),
    Seed(
        "templates.form-method",
        NOTE,
        'method="post" action="{{ url_for("notes.delete"',
        'method="get" action="{{ url_for("notes.delete"',
        "takes POST",
    ),
    Seed("templates.form-method", NEW, 'method="post" ', "", "sends GET to 'notes.create'"),
    Seed(
        "templates.form-enctype",
        NEW,
        '<form method="post" action="{{ url_for("notes.create") }}">',
        '<form method="post" action="{{ url_for("notes.create") }}"><input type="file" name="x">',
        'enctype="multipart/form-data"',
    ),
]
BLOCKS = [
    Seed("templates.unknown-block", HOME, "block content", "block contents", "'content'"),
    Seed("templates.unknown-block", ABOUT, "block content", "block contnet", "is not in base.html"),
    Seed("templates.unknown-block", LIST, "block content", "block main", "never shown"),
    Seed("templates.unknown-block", AUTHOR, "block title", "block titel", "Did you mean 'title'?"),
    Seed("templates.unknown-block", BLOG, "block article", "block articles", "'article'"),
    Seed("templates.unknown-block", POST, "block article", "block artical", "blog/layout.html"),
    Seed("templates.unknown-block", LAYOUT, "block content", "block body", "is not in base.html"),
    Seed("templates.block-twice", ABOUT, "block sidebar", "block content", "already on line 3"),
    Seed("templates.block-twice", BASE, "block sidebar", "block title", "already on line 4"),
    Seed("templates.block-twice", AUTHOR, "block content", "block title", "already on line 3"),
    Seed(
        "templates.super-without-parent",
        BASE,
        "{% block sidebar %}",
        "{% block sidebar %}{{ super() }}",
        "no parent",
    ),
    Seed(
        "templates.unknown-self-block",
        ABOUT,
        "<p>{{ words",
        "<p>{{ self.sidebra() }}{{ words",
        "'sidebar'",
    ),
    Seed("templates.unknown-self-block", BASE, "<main>", "<main>{{ self.titel() }}", "'title'"),
    Seed(
        "templates.required-block",
        BASE,
        "{% block content %}{% endblock %}",
        "{% block content %}{% endblock %}{% block late required %}{% endblock %}",
        "is not filled",
    ),
    Seed(
        "templates.inheritance-loop",
        BASE,
        "<!doctype html>",
        '{% extends "base.html" %}',
        "extends itself",
    ),
    Seed(
        "templates.extends-inside",
        HOME,
        "{% for crumb in crumbs %}",
        '{% for crumb in crumbs %}{% extends "about.html" %}',
        "top level",
    ),
    Seed(
        "templates.extends-twice",
        ABOUT,
        "{% block content %}",
        '{% extends "base.html" %}{% block content %}',
        "second extends",
    ),
]
SYNTAX = [
    Seed(
        "templates.syntax",
        HOME,
        "{% endif %}\n{% endblock %}",
        "{% endfi %}\n{% endblock %}",
        "the open block is 'if' (line 10)",
        (HOME, "endfi"),
    ),
    Seed("templates.syntax", LIST, "{% endfor %}", "{% endfr %}", "'for' (line 9)"),
    Seed(
        "templates.syntax",
        ABOUT,
        "{% endwith %}\n",
        "",
        "the open block is 'with'",
        (ABOUT, "{% endblock %}"),
    ),
    Seed(
        "templates.syntax",
        AUTHOR,
        'notes.html" %}\n{% endblock %}',
        'notes.html" %}',
        "'block' is never closed",
        (AUTHOR, "block content"),
    ),
    Seed("templates.syntax", NOTE, "{{ note.title }}", "{{ note.title }", "unexpected '}'"),
    Seed(
        "templates.syntax",
        NOTE,
        "{% if editing %}",
        "{% if editing and %}",
        "unexpected 'end of statement block'",
    ),
    Seed("templates.syntax", MACROS, "{% endmacro %}", "{% endmacros %}", "endmacro is expected"),
    Seed("templates.syntax", NAV, "{% endif %}", "{% end %}", "endif is expected"),
    Seed(
        "templates.syntax",
        BLOG,
        "{% for year in years %}",
        "{% for year years %}",
        "expected token 'in'",
    ),
    Seed("templates.syntax", POST, "{{ slug|title }}", "{{ slug||title }}", "expected token"),
    Seed(
        "templates.syntax", NEW, "{{ forms.button", "{% csrf_token %}{{ forms.button", "remove it"
    ),
    Seed(
        "templates.syntax", BASE, '{{ static("style.css") }}', '{% static "style.css" %}', "-> {{"
    ),
    Seed("templates.syntax", POST, "{{ day.year }}", '{{ day|date:"Y" }}', 'date("Y")'),
    Seed("templates.unknown-filter", POST, "slug|title", "slug|titel", "Did you mean 'title'?"),
    Seed("templates.unknown-filter", NAV, "|shout", "|shuot", "'shout'"),
    Seed(
        "templates.unknown-filter", ABOUT, "words|trim", "words|strip", "no filter is named 'strip'"
    ),
    Seed("templates.unknown-filter", LIST, "notes|length", "notes|lenght", "'length'"),
    Seed("templates.unknown-filter", LIST, "|join(", "|jion(", "'join'"),
    Seed("templates.unknown-filter", BASE, "title|default", "title|defualt", "'default'"),
    Seed("templates.unknown-test", LIST, "is iterable", "is iterabel", "Did you mean 'iterable'?"),
    Seed("templates.unknown-test", NAV, "is defined", "is defnied", "'defined'"),
    Seed(
        "templates.unknown-test", NOTE, "if editing", "if editing is set", "no test is named 'set'"
    ),
    Seed("templates.loop-assigned", LIST, "{% for note in", "{% for loop in", "can't be assigned"),
    Seed("templates.keyword-twice", NOTE, 'kind="big"', 'kind="big", kind="small"', "given twice"),
    Seed(
        "templates.argument-twice",
        MACROS,
        "button(label, kind=",
        "button(kind, kind=",
        "appears twice",
    ),
    Seed(
        "templates.empty-include", NAV, "</nav>", "{% include [] %}</nav>", "include has no names"
    ),
]
IMPORTS = [
    Seed("templates.import-name", HOME, "import card", "import crad", "Did you mean 'card'?"),
    Seed("templates.import-name", NOTE, "import field,", "import feld,", "'field'"),
    Seed("templates.import-name", NOTE, "button as save", "buton as save", "'button'"),
    Seed("templates.import-name", NOTE, "import field", "import input as field", "no 'input'"),
    Seed("templates.module-attribute", NEW, 'forms.field("title"', 'forms.feld("title"', "'field'"),
    Seed("templates.module-attribute", NEW, "forms.button", "forms.submit", "no macro 'submit'"),
    Seed(
        "templates.macro-arguments",
        NOTE,
        'save("Delete")',
        'save("Delete", "x", 1)',
        "2 arguments, not 3",
    ),
    Seed(
        "templates.macro-arguments",
        NEW,
        'forms.button("Save")',
        'forms.button("a", "b", "c", 1)',
        "not 4",
    ),
    Seed(
        "templates.macro-arguments",
        NOTE,
        'field("text", "Text", note.text',
        'field("text", "Text", note.text, 1',
        "3 arguments, not 4",
    ),
    Seed(
        "templates.macro-arguments",
        HOME,
        'card("Welcome")',
        'card("Welcome", 1)',
        "takes 1 argument, not 2",
    ),
    Seed("templates.macro-keyword", NEW, "value=draft", "vale=draft", "Did you mean 'value'?"),
    Seed("templates.macro-keyword", NOTE, 'kind="big"', 'size="big"', "has no argument 'size'"),
    Seed(
        "templates.macro-keyword",
        NOTE,
        'save("Delete")',
        'save("Delete", label="x")',
        "'label' twice",
    ),
    Seed(
        "templates.macro-missing", NEW, 'field("title", "Title")', 'field("title")', "needs 'label'"
    ),
    Seed("templates.macro-missing", NOTE, 'save("Delete")', "save()", "needs 'label'"),
    Seed("templates.macro-missing", HOME, 'card("Welcome")', "card()", "needs 'heading'"),
    Seed(
        "templates.macro-no-caller",
        NOTE,
        '{{ save("Delete") }}',
        '{% call save("Delete") %}x{% endcall %}',
        "does not use caller()",
    ),
    Seed(
        "templates.macro-caller",
        HOME,
        '{% call card("Welcome") %}\n<p>To {{ site_name }}</p>\n{% endcall %}',
        '{{ card("Welcome") }}',
        "{% call",
    ),
    Seed("templates.no-context", MACROS, "{{ heading }}", "{{ title }}", "without context"),
    Seed(
        "templates.no-context",
        MACROS,
        '">{{ label }}</button>',
        '">{{ lable }}</button>',
        "'lable' is undefined",
    ),
    Seed(
        "templates.no-context",
        BASE,
        '{% include "_nav.html" %}',
        '{% include "authors/_notes.html" without context %}',
        "without context",
        (THEIRS, "author.notes"),
    ),
    Seed(
        "templates.used-before-set",
        AUTHOR,
        "{% set count",
        "{% for n in [1] %}{{ count }}{% endfor %}\n{% set count",
        "before the set",
    ),
]
# A helper of every view's, put in front of one that forgets to return what it gives.
SHOW = (
    "def show(request: Request, name: str) -> Response:\n"
    "    return render(request, name, error='')\n\n\n"
)
VIEWS = [
    Seed(
        "views.not-returned",
        VHOME,
        "def about(request: Request) -> Response:\n",
        f'{SHOW}def about(request: Request) -> Response:\n    show(request, "404.html")\n\n\n'
        "def unused(request: Request) -> Response:\n",
        "about() returns None: nothing returns what show() gives. Write: return show(...)",
        (VHOME, '    show(request, "404.html")'),
    ),
    Seed(
        "views.parameter-missing",
        VNOTES,
        "def detail(request: Request, id: int)",
        "def detail(request: Request, *, note_id: int = 0)",
        "takes no 'id'",
    ),
    Seed(
        "views.parameter-missing",
        VNOTES,
        "def update(request: Request, id: int)",
        "def update(request: Request, ident: int)",
        "takes no 'id'",
    ),
    Seed(
        "views.parameter-missing",
        VAUTHORS,
        "def detail(request: Request, name: str)",
        "def detail(request: Request, nam: str = '')",
        "takes no 'name'",
    ),
    Seed(
        "views.parameter-missing", VPOSTS, "year: int, slug: str)", "year: int)", "takes no 'slug'"
    ),
    Seed(
        "views.parameter-extra",
        VNOTES,
        "def index(request: Request)",
        "def index(request: Request, page: int)",
        "needs 'page'",
    ),
    Seed(
        "views.parameter-extra",
        VHOME,
        "def index(request: Request)",
        "def index(request: Request, lang: str)",
        "needs 'lang'",
    ),
    Seed("views.parameter-extra", VPOSTS, "slug: str)", "slug: str, month: int)", "needs 'month'"),
    Seed(
        "views.parameter-type",
        VNOTES,
        "def detail(request: Request, id: int)",
        "def detail(request: Request, id: str)",
        "gives an int",
    ),
    Seed(
        "views.parameter-type",
        VAUTHORS,
        "def detail(request: Request, name: str)",
        "def detail(request: Request, name: int)",
        "gives a slug",
    ),
    Seed("views.parameter-type", VPOSTS, "year: int,", "year: str,", "takes year: str"),
    Seed(
        "views.parameter-request",
        VHOME,
        "def about(request: Request)",
        "def about()",
        "does not take the request",
    ),
    Seed(
        "views.parameter-request",
        VNOTES,
        "def delete(request: Request, id: int)",
        "def delete(id: int)",
        "the request",
    ),
    Seed("views.async", VHOME, "def about(request", "async def about(request", "is async"),
    Seed(
        "views.render-request",
        VHOME,
        'render(request, "about.html"',
        'render("about.html"',
        "render(request, 'about.html'",
    ),
    Seed(
        "views.render-positional",
        VPOSTS,
        "title=slug, slug=slug, day=day",
        '{"title": slug, "slug": slug, "day": day}',
        "by name",
    ),
    Seed("views.unused-name", VHOME, 'mode="full"', 'mode="full", extra=1', "does not use 'extra'"),
    Seed(
        "views.unused-name",
        VNOTES,
        "note=note, editing=False",
        "note=note, editing=False, owner=1",
        "'owner'",
    ),
    Seed("views.unused-name", VPOSTS, "day=day", "day=day, month=1", "'month'"),
]
UNTHOUGHT = [
    Seed("templates.url-positional", LIST, "id=note.id", "note.id", "by name"),
    Seed("views.url-positional", VNOTES, '("note", id=note.id)', '("note", note.id)', "by name"),
    Seed(
        "views.redirect-name",
        VNOTES,
        'request.url_for("notes.index")',
        '"notes.index"',
        "an address",
    ),
    Seed(
        "views.redirect-name",
        VNOTES,
        'request.url_for("notes.index")',
        '"notes:index"',
        "Write redirect(request.url_for('notes.index'))",
    ),
    Seed(
        "views.not-returned",
        VHOME,
        'return render(request, "about',
        'render(request, "about',
        "return render(...)",
    ),
    Seed(
        "views.not-returned",
        VNOTES,
        'return redirect(request.url_for("note", id=id))',
        'redirect(request.url_for("note", id=id))',
        "nothing returns",
    ),
    Seed(
        "views.missing-name",
        HOME,
        '{% extends "base.html" %}',
        "{% extends base.html %}",
        "'base' is undefined",
    ),
    Seed(
        "views.missing-name",
        NAV,
        'url_for("home.index")',
        "url_for(home.index)",
        "'home' is undefined",
    ),
    Seed(
        "templates.attribute-of-list",
        LIST,
        'in notes|sort(attribute="title")',
        "in notes.all()",
        "a list has no 'all'",
    ),
    Seed("templates.syntax", HOME, 'mode == "full"', 'mode = "full"', "expected token"),
    Seed("templates.syntax", POST, "{% endblock %}", "{% endblock articles %}", "expected token"),
    Seed(
        "templates.unknown-attribute",
        NOTE,
        "note.author.name) }}",
        "note.author.full_name) }}",
        "Author has no",
    ),
    Seed("templates.static-missing", BASE, '"style.css"', '"/etc/passwd"', "no such file"),
    Seed(
        "views.parameter-missing",
        VNOTES,
        "def update(request: Request, id: int)",
        "def update(request: Request, pk: int)",
        "Is that 'pk'?",
    ),
    Seed(
        "urls.pattern",
        URLS,
        'include("/blog", blog.urlpatterns',
        'include("/blog", blog',
        "Write .urlpatterns behind it",
    ),
    Seed("project.import-error", URLS, "authors.index)", "authors.index())", "TypeError"),
]
ROUTES = [
    Seed(
        "urls.unknown-converter",
        URLS,
        "/notes/<int:id>/delete",
        "/notes/<itn:id>/delete",
        "Did you mean 'int'?",
    ),
    Seed("urls.unknown-converter", BURLS, "<slug:slug>", "<slg:slug>", "no converter 'slg'"),
    Seed(
        "urls.parameter-twice",
        BURLS,
        "/<int:year>/<slug:slug>",
        "/<int:year>/<slug:year>",
        "appears twice",
    ),
    Seed(
        "urls.name-twice",
        URLS,
        'path("/notes/new", notes.new)',
        'path("/notes/new", notes.new, name="about")',
        "is taken by",
    ),
    Seed(
        "urls.route-twice",
        URLS,
        'path("/notes", notes.create, methods=["POST"])',
        'path("/notes", notes.create)',
        "GET /notes is already",
    ),
    Seed(
        "urls.method",
        URLS,
        'notes.create, methods=["POST"]',
        'notes.create, methods=["post"]',
        "upper case",
    ),
    Seed(
        "urls.method",
        URLS,
        'notes.create, methods=["POST"]',
        'notes.create, methods=["PSOT"]',
        "'POST'",
    ),
    Seed(
        "urls.pattern",
        URLS,
        '"/authors", authors.index',
        '"authors", authors.index',
        "must start with '/'",
    ),
    Seed(
        "urls.access",
        URLS,
        'notes.create, methods=["POST"]',
        'notes.create, methods=["POST"], access="staff"',
        "Write access=role('staff')",
    ),
    Seed("views.not-callable", URLS, "authors.index)", '"authors.index")', "is not a view"),
    Seed("project.import-error", URLS, "authors.index)", "authors.idx)", "AttributeError"),
    Seed(
        "project.import-error",
        VHOME,
        "from crumbs import",
        "from crums import",
        "No module named 'crums'",
    ),
    Seed("models.mapping", "models/note.py", "title: Mapped[str]", "title: Mapped[strr]", "strr"),
    Seed(
        "urls.no-urlpatterns",
        URLS,
        "urlpatterns = [",
        "routes = [",
        "no 'urlpatterns'",
        (URLS, '"""Addresses."""'),
    ),
    Seed(
        "project.no-application",
        WSGI,
        "application = Application(",
        "app = Application(",
        "no 'application'",
        (WSGI, '"""The site."""'),
    ),
    Seed(
        "project.syntax",
        VHOME,
        "def index(request: Request)",
        "def index(request: Request",
        "SyntaxError",
    ),
]
TAG = """from mtvgen.runtime.models import Model
from sqlalchemy.orm import Mapped, mapped_column


class Tag(Model):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
SECOND_HEAD = """revision = "0002_b"
down_revision = None


def upgrade() -> None: ...
def downgrade() -> None: ...
"""
MODELS = [
    Seed(
        "models.no-migration",
        "models/note.py",
        "    text: Mapped[str]\n",
        "    text: Mapped[str]\n    stars: Mapped[int]\n",
        "changes that no migration holds",
        ("models/note.py", "class Note"),
    ),
    Seed(
        "models.no-migration",
        "models/author.py",
        "    name: Mapped[str]\n",
        "    name: Mapped[str]\n    mail: Mapped[str]\n",
        "no migration",
        ("models/author.py", "class Author"),
    ),
    Seed(
        "models.not-imported",
        "models/tag.py",
        "",
        TAG,
        "does not import models/tag.py",
        ("models/tag.py", "class Tag"),
    ),
    Seed(
        "models.two-heads",
        "migrations/0002_b.py",
        "",
        SECOND_HEAD,
        "come last",
        ("migrations/0002_b.py", "down_revision"),
    ),
    Seed(
        "models.migrations",
        "migrations/0001_first.py",
        "down_revision = None",
        'down_revision = "0000"',
        "0000",
    ),
    Seed(
        "models.mapping",
        "models/note.py",
        'back_populates="notes"',
        'back_populates="note"',
        "don't fit",
    ),
]
FILES = [
    Seed("templates.encoding", THEIRS, "", "<p>\n\udce4\n", "is not UTF-8", (THEIRS, "\udce4")),
    Seed(
        "templates.include-in-macro",
        MACROS,
        "{{ caller() }}",
        '{{ caller() }}{% include "_nav.html" without context %}',
        "shows a generator",
    ),
    Seed("templates.recursion", NAV, "<nav>", '<nav>{% include "_nav.html" %}', "includes itself,"),
    Seed(
        "templates.recursion",
        ABOUT,
        "<h1>",
        '{% include "about.html" %}<h1>',
        "about.html includes itself, whatever is passed: rendering it never ends.",
    ),
    Seed("templates.recursion", MACROS, "{%", '{% import "_macros.html" as m %}{%', "itself,"),
    Seed("templates.unescaped", ABOUT, "filter forceescape", "filter e", "{% filter forceescape"),
    Seed("templates.unescaped", BASE, "</main>", '{% include "_address.txt" %}</main>', "becom"),
    Seed("templates.unescaped", HOME, "<h1>", '{% import "_address.txt" as a %}<h1>', "the macros"),
    Seed(
        "templates.without-tojson",
        "templates/data.json",
        "",
        '{"path": "{{ request.path }}"}\n',
        "tojson",
    ),
    Seed("templates.unused", "templates/old.html", "", "<p>old</p>\n", "nothing renders this"),
]
SEEDS = [
    *MISSING,
    *NOT_FOUND,
    *ATTRIBUTES,
    *ADDRESSES,
    *BLOCKS,
    *SYNTAX,
    *IMPORTS,
    *VIEWS,
    *UNTHOUGHT,
    *ROUTES,
    *MODELS,
    *FILES,
]
