"""Words of Flask, Django and their kin, and what to write here: one table for every message."""

from __future__ import annotations

from collections.abc import Mapping

# What their modules offer, and people import.
FROM_ELSEWHERE = {
    "Blueprint": 'include("/blog", [path(...), ...]) in urls.py',
    "Database": "from mtvgen.runtime.models import Database",
    "Flask": "Application(urlpatterns) in wsgi.py",
    "Http404": "raise NotFound()",
    "HttpResponse": "Response(text), or return the text itself",
    "HttpResponseRedirect": "redirect(url)",
    "JsonResponse": "return a dict or a list, or json_response(value, 201)",
    "Model": "from mtvgen.runtime.models import Model",
    "abort": "raise NotFound(), Forbidden(), BadRequest(...)",
    "current_app": "request.app",
    "database_session": "from mtvgen.runtime.models import database_session",
    "g": "request.state",
    "get_object_or_404": "get_or_404(request.db, Model, id)",
    "jsonify": "return a dict or a list, or json_response(value, 201)",
    "make_response": "Response(text, 201)",
    "render_template": 'render(request, "page.html", name=value)',
    "request": "the request is the first argument of each view: def index(request)",
    "reverse": 'request.url_for("...")',
    "session": "request.session",
    "url_for": 'request.url_for("..."); in templates url_for("...")',
}

# The runtime's functions that want the request first.
WITH_REQUEST = {
    "flash": 'flash(request, "Saved.")',
    "get_flashed_messages": "get_flashed_messages(request)",
    "render": 'render(request, "page.html", name=value)',
}

# Attributes of their requests.
REQUEST_ATTRIBUTES = {
    "COOKIES": "request.cookies",
    "FILES": "request.files",
    "GET": "request.query",
    "META": "request.environ, or request.headers",
    "POST": "request.form",
    "args": "request.query",
    "data": "request.body",
    "endpoint": "request.route.name",
    "full_path": "request.absolute_url()",
    "get_json": "request.json()",
    "is_secure": 'request.environ["wsgi.url_scheme"] == "https"',
    "path_info": "request.path",
    "referrer": 'request.headers.get("Referer")',
    "remote_addr": 'request.environ.get("REMOTE_ADDR")',
    "resolver_match": "request.route",
    "url": "request.absolute_url()",
    "user": "request.state.user, which a middleware of yours has set",
    "user_agent": 'request.headers.get("User-Agent")',
    "values": "request.query or request.form",
    "view_args": "request.params",
}

# Filters of their templates.
FILTERS = {
    "add": "{{ a + b }}",
    "cut": '|replace("...", "")',
    "date": '{{ day.strftime("%Y-%m-%d") }}',
    "default_if_none": '{{ "..." if value is none else value }}',
    "dictsort": "|dictsort",
    "divisibleby": "{% if n is divisibleby(3) %}",
    "escapejs": "|tojson",
    "floatformat": '{{ "%.2f" % number }}',
    "intcomma": '{{ "{:,}".format(number) }}',
    "json_script": "|tojson",
    "linebreaks": 'a filter of your own: Templates("templates", filters={"linebreaks": ...})',
    "linebreaksbr": 'a filter of your own: Templates("templates", filters={"linebreaksbr": ...})',
    "pluralize": '{{ "item" if count == 1 else "items" }}',
    "slugify": 'a filter of your own: Templates("templates", filters={"slugify": ...})',
    "stringformat": '{{ "%05d" % number }}',
    "time": '{{ moment.strftime("%H:%M") }}',
    "timesince": 'a filter of your own: Templates("templates", filters={"timesince": ...})',
    "truncatechars": "|truncate(40)",
    "truncatewords": "|truncate(40)",
    "yesno": '{{ "yes" if value else "no" }}',
}

# What Flask's url_for() takes besides a route's parameters.
URL_FOR_WORDS = frozenset({"_anchor", "_external", "_method", "_scheme"})


def cure_of_url_for(name: str, params: Mapping[str, object]) -> str:
    """Return what to write instead of a `url_for()` as Flask has it; empty for any other.

    Args:
        name: The route's name.
        params: What was passed besides it.
    """
    if name == "static" and "filename" in params:
        return f"in templates: {{{{ static({str(params['filename'])!r}) }}}}".replace("'", '"')
    if "_anchor" in params:
        return f'url_for("{name}", ...) + "#..."'
    if not URL_FOR_WORDS.isdisjoint(params):
        return f'request.absolute_url(request.url_for("{name}", ...))'
    return ""
