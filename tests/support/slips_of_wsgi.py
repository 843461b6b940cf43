"""Mistakes in wsgi.py and settings.py, and in header fields, with the cure that is named."""

from __future__ import annotations

from tests.support.hints import Slip

PASSING = (
    "def passing(handler):\n    def pass_on(request):\n        {}handler(request)\n"
    "    return pass_on\n"
)
IN_LIST = PASSING.format("return ") + "site(middleware=[{}]).get('/nowhere')"

WSGI = (
    "def counted(application):\n    def count(environ, start_response):\n"
    "        return application(environ, start_response)\n    return count\n"
)
MIDDLEWARE = [
    Slip(
        f"{WSGI}site(middleware=[counted])",
        "counted is for WSGI: it takes (environ, start_response), and a handler takes a request. "
        "-> around the application: application = counted(application)",
        f"{WSGI}from mtvgen.runtime.testing import Client\n"
        "application = Application([path('/', home)])\napplication = counted(application)\n"
        "assert Client(application).get('/').text == 'home'",
    ),
    Slip(
        "from werkzeug.middleware.proxy_fix import ProxyFix\nsite(middleware=[ProxyFix])",
        "ProxyFix is for WSGI",
        "from werkzeug.middleware.proxy_fix import ProxyFix\nProxyFix(Application([]))",
    ),
    Slip(
        "def app(environ, start_response): pass\nsite(middleware=[app])",
        "app is for WSGI",
        "site(middleware=[])",
    ),
    Slip(
        "site(middleware=[same_origin])",
        "same_origin is not a middleware, which takes a handler and returns one. "
        "Are its brackets missing: same_origin()?",
        "site(middleware=[same_origin()])",
    ),
    Slip(
        "site(middleware=[signed_sessions])",
        "Are its brackets missing: signed_sessions(...)?",
        "site(middleware=[signed_sessions('key' * 9)])",
    ),
    Slip(
        IN_LIST.format("None"), "None is not a middleware, which is a function.",
        IN_LIST.format("passing"),
    ),
    Slip(
        "def passing(handler):\n    def pass_on(request):\n        return handler(request)\n"
        "site(middleware=[passing])",
        "The middleware passing returned None instead of a handler. Is its 'return' missing, "
        "or are its brackets: name(...)?",
        IN_LIST.format("passing"),
    ),
    Slip(
        PASSING.format("") + "site(middleware=[passing]).get('/nowhere')",
        "pass_on returned None instead of a Response. Is its 'return' missing?",
        IN_LIST.format("passing"),
    ),
    Slip(
        "get(lambda request: request.session.get('a', ''))",
        "-> in wsgi.py, signed_sessions(settings.secret_key) goes into middleware=[...], "
        "above what asks for the session",
        "get(lambda request: request.session.get('a', ''),"
        " middleware=[signed_sessions('key' * 9)])",
    ),
    Slip(
        "def asks(handler):\n    def ask(request):\n        request.session.get('a')\n"
        "        return handler(request)\n    return ask\n"
        "get(home, middleware=[asks, signed_sessions('key' * 9)])",
        "above what asks for the session",
        "def asks(handler):\n    def ask(request):\n        request.session.get('a')\n"
        "        return handler(request)\n    return ask\n"
        "get(home, middleware=[signed_sessions('key' * 9), asks])",
    ),
    Slip(
        "get(lambda request: str(request.db))",
        "-> in wsgi.py, database_session(database) goes into middleware=[...], "
        "above what asks for the database",
        "from mtvgen.runtime.models import Database, database_session\n"
        "database = Database(f'sqlite:///{directory}/a.db')\n"
        "get(lambda request: str(request.db), middleware=[database_session(database)])",
    ),
    Slip(
        "def late(request):\n"
        "    def body():\n        request.on_commit(print)\n        yield b''\n"
        "    request.on_commit(str)\n    return Response(body())\nget(late)",
        "request.on_commit() comes too late: the response is being sent, and nothing is committed "
        "anymore. -> call it in the view",
        "def view(request):\n    request.on_commit(str)\n    return ''\nget(view)",
    ),
    Slip(
        "kept = []\n"
        "def view(request):\n    kept.append(request)\n    request.on_close(str)\n"
        "    return send_file(request, directory / 'static' / 'style.css')\n"
        "get(view)\nkept[0].callbacks.is_closed_by_us = False\nkept[0].on_close(print)",
        "request.on_close() comes too late: the response is being sent. -> call it in the view",
        "def view(request):\n    request.on_close(str)\n    return ''\nget(view)",
    ),
    Slip(
        "signed_sessions('key' * 9, max_age=0)",
        "signed_sessions(max_age=0): write whole seconds, from 1 up.",
        "signed_sessions('key' * 9, max_age=1)",
    ),
    Slip(
        "signed_sessions('key' * 9, cookie_name='__Secure-a')",
        "write the name without its prefix; where the cookie is secure, it gets __Host-",
        "signed_sessions('key' * 9, cookie_name='a')",
    ),
    Slip(
        "allowed_hosts('example.com')",
        "allowed hosts 'example.com': write a list, ['example.com'].",
        "allowed_hosts(['example.com'])",
    ),
    Slip(
        "allowed_hosts(['https://example.com/'])",
        "write a name or an address alone, without scheme, port or path, in ASCII: 'example.com'",
        "allowed_hosts(['example.com', '*.example.com', '203.0.113.7', '[2001:db8::7]'])",
    ),
    Slip(
        "allowed_hosts(['example.com'], trusted_proxies='10.0.0.1')",
        "trusted_proxies='10.0.0.1': write a list, ['10.0.0.1'].",
        "allowed_hosts(['example.com'], trusted_proxies=['10.0.0.1'])",
    ),
    Slip(
        "site(path('/', home), middleware=[allowed_hosts(['a.org'])])"
        ".get('/', base_url='http://b.org')",
        "refused a request for 'b.org', which is not in ALLOWED_HOSTS. "
        "-> if that is this site, add it there",
        "answer = site(path('/', home), middleware=[allowed_hosts(['a.org', 'b.org'])])"
        ".get('/', base_url='http://b.org')\nassert answer.text == 'home'",
    ),
    Slip(
        "hash_password('a' * 5000)",
        "-> check its length in the view, and ask for a shorter one: "
        "len(password) <= MAX_PASSWORD_LENGTH",
        "assert len('a' * 9) <= MAX_PASSWORD_LENGTH\nhash_password('a' * 9)",
    ),
]  # fmt: skip

FIELDS = [
    Slip(
        "Response('').set_cookie('a', 5)",
        "cookie a: its value is 5, not a str. -> str(...)",
        "Response('').set_cookie('a', str(5))",
    ),
    Slip(
        "Response('').headers['X-A'] = 5",
        "header X-A: 5 is not a str; write str(...) around it.",
        "Response('').headers['X-A'] = str(5)",
    ),
    Slip(
        "import datetime\n"
        "get(lambda r: conditional(r, Response(''), last_modified=datetime.datetime(2026, 1, 2)))",
        "has no time zone; write datetime.now(UTC), for one.",
        "from datetime import UTC, datetime\n"
        "get(lambda r: conditional(r, Response(''), last_modified=datetime.now(UTC)))",
    ),
]

READ = "class Site(Settings):\n    {}\nSite.from_environment(directory{})\n"
KEY = "KEY = {'SECRET_KEY': 'k' * 50, 'ALLOWED_HOSTS': 'example.com'}\n"
DOTENV = "(directory / '.env')"


def of_settings(wrong: str, says: str, right: str, fields: str = "x: int = 1") -> Slip:
    """Two environments."""
    read = READ.replace("{}", fields, 1)
    return Slip(KEY + read.format(f", {wrong}"), says, KEY + read.format(f", {right}"))


def of_dotenv(wrong: str, says: str, right: str) -> Slip:
    """Two ways to make `.env`."""
    read = READ.format("x: int = 1", "")
    return Slip(wrong + read, says, right + read)


EXAMPLE = "write('.env.example', 'SECRET_KEY=\\nALLOWED_HOSTS=a.org\\n')\n"
WHOLE = f"{DOTENV}.write_text('SECRET_KEY=' + 'k' * 50 + '\\nALLOWED_HOSTS=a.org\\n')\n"
HELD = KEY + READ.format("page_size: int = 1", ", KEY").replace("Site.from", "settings = Site.from")
SETTINGS = [
    of_settings("{}", '-> export SECRET_KEY="$(', "KEY"),
    of_settings("{'SECRET_KEY': 'k' * 50}", "-> export ALLOWED_HOSTS=example.com", "KEY"),
    of_settings("KEY", "X is not set. -> export X=...", "KEY | {'X': 'a'}", "x: str"),
    of_settings("KEY | {'X': '1.5'}", "X is wrong: ", "KEY | {'X': '1'}"),
    of_settings(
        "KEY | {'TIME_ZONE': 'Berlin/Europe'}",
        "is not a time zone.",
        "KEY | {'TIME_ZONE': 'Europe/Berlin'}",
    ),
    of_settings(
        "KEY | {'TIME_ZONE': 'Atlantis'}",
        "-> a name such as Europe/Berlin or UTC",
        "KEY | {'TIME_ZONE': 'UTC'}",
    ),
    of_dotenv(
        EXAMPLE,
        "ALLOWED_HOSTS is not set. -> .env.example has it: copy that to .env",
        EXAMPLE
        + "text = (directory / '.env.example').read_text()\nwrite('.env', text)\n"
        + "with (directory / '.env').open('a') as file: file.write('SECRET_KEY=' + 'k' * 50)\n",
    ),
    of_dotenv(
        f"{DOTENV}.mkdir()\n",
        "is a directory. -> remove it (rmdir .env) and write the file: .env.example shows how",
        WHOLE,
    ),
    of_dotenv(
        f"{DOTENV}.symlink_to('nowhere')\n",
        "is a link to a missing file. -> make it, or unlink",
        WHOLE,
    ),
    of_dotenv(
        f"{DOTENV}.symlink_to('.env')\n", "-> write it again: .env.example shows how", WHOLE
    ),
    of_dotenv(f"{DOTENV}.write_bytes(b'\\xe9')\n", "-> save it as UTF-8", WHOLE),
    of_dotenv(
        f"{WHOLE}with {DOTENV}.open('a') as file: file.write('a word\\n')\n",
        ".env:3: this line is not NAME=value. -> fix it, or put # in front of it",
        f"{WHOLE}with {DOTENV}.open('a') as file: file.write('# a word\\n')\n",
    ),
    of_dotenv(
        f"{WHOLE}with {DOTENV}.open('a') as file: file.write('DEBUG=1\\n')\n",
        "DEBUG does not belong here: mtvgen runserver sets it. -> remove the line",
        WHOLE,
    ),
    Slip(
        HELD + "with settings.temporarily(y=2): pass",
        "has no setting 'y'.",
        HELD + "with settings.temporarily(page_size=2): pass",
    ),
    Slip(
        HELD + "with settings.temporarily(pagesize=2): pass",
        "Did you mean 'page_size'?",
        HELD + "with settings.temporarily(page_size=2): pass",
    ),
]  # fmt: skip

SLIPS = [*MIDDLEWARE, *FIELDS, *SETTINGS]
