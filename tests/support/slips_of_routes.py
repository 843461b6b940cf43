"""Mistakes in `urlpatterns`, with the cure that the message names."""

from __future__ import annotations

from tests.support.hints import Slip

BLOG = "from types import ModuleType\nblog = ModuleType('blog')\n"

LISTS = [
    Slip('site(("/", home))', "is not a path(...) or include(...)", 'site(path("/", home))'),
    Slip(
        f"{BLOG}blog.urlpatterns = [path('/', home)]\nsite(blog)",
        'Write include("/blog", blog.urlpatterns)',
        f"{BLOG}blog.urlpatterns = [path('/', home)]\nsite(include('/blog', blog.urlpatterns))",
    ),
    Slip(
        f"{BLOG}blog.urlpatterns = [path('/', home)]\nsite(include('/blog', blog))",
        "Write .urlpatterns behind it",
        f"{BLOG}blog.urlpatterns = [path('/', home)]\nsite(include('/blog', blog.urlpatterns))",
    ),
    Slip(
        f"{BLOG}site(include('/blog', blog))",
        "it has no urlpatterns yet, which is one",
        f"{BLOG}blog.urlpatterns = [path('/', home)]\nsite(include('/blog', blog.urlpatterns))",
    ),
    Slip(
        'site(include("/blog", path("/", home)))',
        "a value of type Route is not a list of routes",
        'site(include("/blog", [path("/", home)]))',
    ),
    Slip(
        'site(include("blog", [path("/", home)]))',
        "a prefix must start with '/'",
        'site(include("/blog", [path("/", home)]))',
    ),
    Slip(
        'site(include("/blog/", [path("/", home)]))',
        "a prefix has no final '/'. Write include('/blog', ...)",
        "site(include('/blog', [path('/', home)]))",
    ),
    Slip(
        'site(include("/", [path("/x", home)]))',
        "a prefix has no final '/'. Write include('', ...)",
        "site(include('', [path('/x', home)]))",
    ),
    Slip(
        'site(include("/blog", [path("/", home)], name=None))',
        "name=None is not text to put in front of names",
        'site(include("/blog", [path("/", home)]))',
    ),
    Slip(
        'blog = [path("/", home)]\nsite(include("/a", blog), include("/b", blog))',
        "give include() a name",
        'blog = [path("/", home)]\nsite(include("/a", blog), include("/b", blog, name="b."))',
    ),
    Slip(
        'site(path("/a", home, name="x"), path("/b", home, name="x"))',
        "A name belongs to one pattern.",
        'site(path("/a", home, name="x"), path("/b", home, name="y"))',
    ),
    Slip(
        'site(path("/<a>", detail, name="x"), path("/<id>", detail, name="y"))',
        "GET /<id> is already ",
        'site(path("/<a>", detail, name="x"), path("/<id>", detail, name="y", methods=["POST"]))',
    ),
]

VIEWS = [
    Slip(
        "site(home)",
        'is not a path(...) or include(...). Write path("/...", home)',
        'site(path("/...", home))',
    ),
    Slip(
        'class Home: pass\nsite(path("/", Home))',
        "Home is a class; a view is a function",
        'def home_view(request): return "home"\nsite(path("/", home_view))',
    ),
    Slip(
        'def index(request=None): return None\nsite(path("/", index()))',
        "None is not a view; a view is a function. Was it called, with ()?",
        'def index(request=None): return ""\nsite(path("/", index))',
    ),
    Slip(
        'site(path("/", home(None)))',
        "a value of type str is not a view; a view is a function. Was it called, with ()?",
        'site(path("/", home))',
    ),
    Slip(
        'site(path("/", "views.home.index"))',
        "'views.home.index' is not a view; import its module, and write the function itself",
        'site(path("/", home))',
    ),
    Slip(
        f'{BLOG}exec("def index(request): return str()", vars(blog))\nsite(path("/", blog))',
        "the module blog is not a view. Write blog.index",
        f'{BLOG}exec("def index(request): return str()", vars(blog))\nsite(path("/", blog.index))',
    ),
    Slip(
        f'{BLOG}site(path("/", blog))',
        "the module blog is not a view; a view is a function in it",
        f'{BLOG}exec("def index(request): return str()", vars(blog))\nsite(path("/", blog.index))',
    ),
    Slip(
        'site(path("/", home, name=""))',
        "name='' is not a name. Leave it out for the view's own",
        'site(path("/", home))',
    ),
]

METHODS = [
    Slip(
        'site(path("/", home, methods="POST"))',
        "methods='POST' is not a list. Write methods=['POST']",
        "site(path('/', home, methods=['POST']))",
    ),
    Slip(
        'site(path("/", home, methods="get, post"))',
        "Write methods=['GET', 'POST']",
        "site(path('/', home, methods=['GET', 'POST']))",
    ),
    Slip(
        'site(path("/", home, methods=None))',
        "methods=None is not a list. Write methods=['POST']",
        "site(path('/', home, methods=['POST']))",
    ),
    Slip(
        'site(path("/", home, methods=[]))',
        "methods=[] lets no request reach the view",
        'site(path("/", home))',
    ),
    Slip(
        'site(path("/", home, methods=["post"]))',
        "methods are written in upper case: 'POST', not 'post'",
        "site(path('/', home, methods=['POST']))",
    ),
    Slip(
        'site(path("/", home, methods=["pots"]))',
        "no method 'pots'. Did you mean 'POST'?",
        "site(path('/', home, methods=['POST']))",
    ),
    Slip(
        'site(path("/", home, methods=["PSOT"]))',
        "no method 'PSOT'. Did you mean 'POST'?",
        "site(path('/', home, methods=['POST']))",
    ),
    Slip(
        'site(path("/", home, methods=[b"GET"]))',
        "b'GET' is not a method",
        'site(path("/", home, methods=["GET"]))',
    ),
    Slip(
        'site(path("/", home, methods=["GET POST"]))',
        "'GET POST' is not a method. Write 'GET', 'POST'",
        "site(path('/', home, methods=['GET', 'POST']))",
    ),
]

PATTERNS = [
    Slip("site(path(None, home))", "a pattern is text, not NoneType", 'site(path("/", home))'),
    Slip('site(path("notes", home))', "must start with '/'", 'site(path("/notes", home))'),
    Slip('site(path("", home))', "must start with '/'", 'site(path("/", home))'),
    Slip('site(path("/a//b", home))', "'//' leaves a segment empty", 'site(path("/a/b", home))'),
    Slip('site(path("/a/../b", home))', "browsers resolve them", 'site(path("/b", home))'),
    Slip(
        'site(path("/find?q=", home))',
        "a pattern ends before '?' and '#': read request.query in the view",
        'site(path("/find", lambda request: request.query.get("q", "")))',
    ),
    Slip(
        'site(path("/caf%C3%A9%20a", home))',
        "paths are matched decoded: write '/café a'",
        "assert site(path('/café a', home)).get('/caf%C3%A9%20a').text == 'home'",
    ),
    Slip(
        'site(path("/notes/{id}", detail))',
        "a parameter is written <id>",
        'site(path("/notes/<id>", detail))',
    ),
    Slip(
        'site(path("/notes/{int:id}", detail))',
        "a parameter is written <int:id>",
        'site(path("/notes/<int:id>", detail))',
    ),
    Slip(
        'site(path("/notes/{id:int}", detail))',
        "a parameter is written <int:id>",
        'site(path("/notes/<int:id>", detail))',
    ),
    Slip(
        'site(path("/a\\n", home))',
        "no path holds a control character or half a surrogate pair",
        'site(path("/a", home))',
    ),
    Slip(
        'site(path("/<id>/<id>", detail))',
        "parameter 'id' appears twice",
        'site(path("/<id>/<other>", detail))',
    ),
    Slip(
        'site(path("/<path:a>/<path:b>", detail))',
        "one <path:...> a pattern, or where would the first end?",
        'site(path("/<a>/<path:b>", detail))',
    ),
    Slip(
        'site(path("/<id", detail))',
        "'<id' has a '<' or '>' alone; a parameter is written <name>",
        'site(path("/<id>", detail))',
    ),
    Slip(
        'site(path("/<a><b>", detail))',
        "'<a><b>' has no text between its parameters to tell them apart",
        'site(path("/<a>-<b>", detail))',
    ),
    Slip(
        'site(path("/<string:id>", detail))',
        "no converter 'string'. Did you mean 'str'? Known: int, path, slug, str, uuid.",
        'site(path("/<str:id>", detail))',
    ),
    Slip(
        'site(path("/<id:int>", detail))',
        "no converter 'id'. Did you mean <int:id>?",
        'site(path("/<int:id>", detail))',
    ),
    Slip(
        'site(path("/<float:x>", detail))',
        "no converter 'float'. Known: int, path, slug, str, uuid.",
        'site(path("/<x>", detail))',
    ),
    Slip(
        'site(path("/<int:class>", detail))',
        "'class' is not a name for a parameter of a function",
        'site(path("/<int:class_>", detail))',
    ),
    Slip(
        'site(path("/<request>", detail))',
        "a parameter can't be called 'request': a view gets the request so",
        'site(path("/<query>", detail))',
    ),
]

SLIPS = [*LISTS, *VIEWS, *METHODS, *PATTERNS]
