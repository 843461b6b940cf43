"""Words of Flask, Django and their kin, and what to write here: one table for every message."""

from __future__ import annotations

from collections.abc import Mapping

# What their modules offer: people import it, or use it as if they had.
FROM_ELSEWHERE = {
    "Blueprint": 'include("/blog", [path(...), ...]) in urls.py',
    "Database": "from mtvgen.runtime.models import Database",
    "Flask": "Application(urlpatterns) in wsgi.py",
    "Http404": "raise NotFound()",
    "HttpResponse": "Response(text), or return the text itself",
    "HttpResponseRedirect": "redirect(url)",
    "JsonResponse": "return a dict or a list, or json_response(value, 201)",
    "Model": "from mtvgen.runtime.models import Model",
    "HttpRequest": "from mtvgen.runtime import Request",
    "abort": "raise NotFound(), Forbidden(), BadRequest(...)",
    "app": 'path("/about", home.about) in urls.py, or request.app',
    "current_app": "request.app",
    "current_user": "request.user, which mtvgen add accounts brings",
    "database_session": "from mtvgen.runtime.models import database_session",
    "db": "request.db, which is committed when the view has returned",
    "g": "request.state",
    "get_object_or_404": "get_or_404(request.db, Model, id)",
    "jsonify": "return a dict or a list, or json_response(value, 201)",
    "login_required": 'path("/...", view, access=signed_in); mtvgen add accounts',
    "login_user": "start_session(request, user); mtvgen add accounts",
    "logout_user": "end_session(request); mtvgen add accounts",
    "make_response": "Response(text, 201)",
    "messages": 'flash(request, "Saved.")',
    "permission_required": 'path("/...", view, access=role("staff")); mtvgen add accounts',
    "re_path": 'path("/...", view)',
    "render_template": 'render(request, "page.html", name=value)',
    "request": "the request is the first argument of each view: def index(request)",
    "reverse": 'request.url_for("...")',
    "send_from_directory": "send_file(request, path)",
    "session": "request.session",
    "url_for": 'request.url_for("..."); in templates url_for("...")',
}

# What they call the arguments of responses, errors and files.
KEYWORDS = {
    "as_attachment": "download_as",
    "attachment_filename": "download_as",
    "code": "status",
    "content": "body",
    "data": "value",
    "description": "detail",
    "download_name": "download_as",
    "filename": "download_as",
    "http_only": "httponly",
    "key": "name",
    "location": "url",
    "max_age_seconds": "max_age",
    "media_type": "content_type",
    "message": "detail",
    "mimetype": "content_type",
    "msg": "detail",
    "response": "body",
    "status_code": "status",
    "to": "url",
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
    "authorization": 'request.headers.get("Authorization")',
    "build_absolute_uri": "request.absolute_url()",
    "data": "request.body",
    "endpoint": "request.route.name",
    "full_path": "request.absolute_url()",
    "get_data": "request.body",
    "get_full_path": "request.absolute_url()",
    "get_json": "request.json()",
    "host": 'request.headers.get("Host")',
    "is_ajax": 'request.headers.get("X-Requested-With")',
    "is_json": 'request.headers.get("Content-Type") == "application/json"',
    "is_secure": 'request.environ["wsgi.url_scheme"] == "https"',
    "mimetype": 'request.headers.get("Content-Type")',
    "path_info": "request.path",
    "referrer": 'request.headers.get("Referer")',
    "remote_addr": 'request.environ.get("REMOTE_ADDR")',
    "resolver_match": "request.route",
    "url": "request.absolute_url()",
    "user_agent": 'request.headers.get("User-Agent")',
    "values": "request.query or request.form",
    "view_args": "request.params",
}

# Attributes of their users, with the account as it is written.
ACCOUNT_ATTRIBUTES = {
    "get_id": "{account}.id",
    "get_username": "{account}.email",
    "groups": "{account}.roles",
    "has_perm": '{account}.has_role("...")',
    "is_anonymous": "not {account}: it is None for visitors",
    "is_authenticated": "{account}, which is None for visitors",
    "is_staff": '{account}.has_role("staff")',
    "is_superuser": '{account}.has_role("admin")',
    "pk": "{account}.id",
    "username": "{account}.email",
}

# Attributes of their models, and of the objects of these; with the model's name, and with the
# object as it is written.
MODEL_ATTRIBUTES = {
    "objects": "request.db.scalars(select({model}))",
    "query": "request.db.scalars(select({model}))",
}
OBJECT_ATTRIBUTES = {
    "delete": "request.db.delete({object})",
    "refresh_from_db": "request.db.refresh({object})",
    "save": "request.db.add({object}); what has been read from request.db is saved anyway",
}
# What follows `Note.query` and `Note.objects`.
QUERY_METHODS = {
    "all": "request.db.scalars(select({model})).all()",
    "count": "request.db.scalar(select(func.count()).select_from({model}))",
    "create": "request.db.add({model}(...))",
    "exclude": "request.db.scalars(select({model}).where(...))",
    "filter": "request.db.scalars(select({model}).where(...))",
    "filter_by": "request.db.scalars(select({model}).filter_by(...))",
    "first": "request.db.scalars(select({model}).limit(1)).first()",
    "first_or_404": "get_or_404(request.db, select({model}).where(...))",
    "get": "request.db.get({model}, id)",
    "get_or_404": "get_or_404(request.db, {model}, id)",
    "order_by": "request.db.scalars(select({model}).order_by(...))",
}

# What their queries do, and a select() has done by the session; with the select() as it is written.
SELECT_METHODS = {
    "all": "request.db.scalars({select}).all()",
    "count": "request.db.scalar(select(func.count()).select_from({select}.subquery()))",
    "first": "request.db.scalars({select}).first()",
    "first_or_404": "get_or_404(request.db, {select})",
    "one": "request.db.scalars({select}).one()",
    "one_or_none": "request.db.scalars({select}).one_or_none()",
    "one_or_404": "get_or_404(request.db, {select})",
    "scalar": "request.db.scalar({select})",
    "scalars": "request.db.scalars({select})",
}

# Calls of forms that lack what they need, by the method that Python's message names.
FORM_CALLS = {
    "Filled.save": "form.save(request.db)",
    "Form.of": "NoteForm.of(row)",
    "Form.read": "NoteForm.read(request)",
    "Form.read_json": "NoteForm.read_json(request)",
    "Form.read_query": "NoteForm.read_query(request)",
}

# Attributes of their forms, with the form as it is written.
FORM_ATTRIBUTES = {
    "cleaned_data": "{form}.value",
    "data": "{form}.value",
    "is_bound": "{form}.is_sent",
    "is_submitted": "{form}.is_sent",
    "is_valid": "{form}.value, which is None where something is wrong",
    "non_field_errors": "{form}.error",
    "populate_obj": "{form}.save(request.db, row)",
    "validate": "{form}.value, which is None where something is wrong",
    "validate_on_submit": "{form}.value, which is None where something is wrong",
}

# Attributes of their responses, with the response as it is written.
RESPONSE_ATTRIBUTES = {
    "charset": '{response}.headers["Content-Type"] = "text/html; charset=utf-8"',
    "content": "{response}.body",
    "content_type": '{response}.headers["Content-Type"]',
    "data": "{response}.body",
    "mimetype": '{response}.headers["Content-Type"]',
    "reason_phrase": "{response}.status",
    "status_code": "{response}.status",
    "text": "{response}.body",
}

# Names that their templates have without being passed them, and functions of Python's, which no
# template has.
TEMPLATE_NAMES = {
    "abs": "|abs",
    "csrf_token": "remove it: same_origin() refuses the forms of other sites without a token",
    "current_user": "user, which mtvgen add accounts brings",
    "enumerate": "loop.index, from 1, or loop.index0, in the loop",
    "float": "|float",
    "forloop": "loop.index, loop.first, loop.last",
    "g": "request.state",
    "int": "|int",
    "len": "|length",
    "list": "|list",
    "max": "|max",
    "messages": "get_flashed_messages()",
    "min": "|min",
    "reversed": "|reverse",
    "round": "|round",
    "session": "request.session",
    "sorted": "|sort",
    "str": "|string",
    "sum": "|sum",
}
# Operators of JavaScript and PHP that end Jinja2's reading of a tag.
OPERATORS = {"&": "and", "!": "not ...", "?": "{{ a if condition else b }}"}
# Attributes of what a loop of theirs knows of itself.
LOOP_ATTRIBUTES = {
    "counter": "loop.index",
    "counter0": "loop.index0",
    "parentloop": "{% set outer = loop %} before the inner loop",
    "revcounter": "loop.revindex",
    "revcounter0": "loop.revindex0",
}
# Tags of their templates. No cure begins with a capital.
TAGS = {
    "blocktrans": "mtvgen docs translation",
    "comment": "{# ... #}",
    "csrf_token": TEMPLATE_NAMES["csrf_token"],
    "elseif": "{% elif ... %}",
    "empty": "{% else %}",
    "firstof": "{{ a or b }}",
    "ifchanged": "{% if loop.changed(...) %}",
    "ifequal": "{% if a == b %}",
    "ifnotequal": "{% if a != b %}",
    "load": "remove it: nothing needs to be loaded, and a file is {{ static(...) }}",
    "now": "pass the moment from the view: {{ now|localtime }}",
    "regroup": "{% for key, items in list|groupby(...) %}",
    "spaceless": "remove it: {%- and -%} take the blanks around a tag",
    "static": "{{ static(...) }}",
    "trans": "mtvgen docs translation",
    "url": "{{ url_for(...) }}",
    "verbatim": "{% raw %}",
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

# Arguments of functions that templates have, as Flask has them.
TEMPLATE_ARGUMENTS = {
    ("get_flashed_messages", "category_filter"): "get_flashed_messages(): a message is one text",
    ("get_flashed_messages", "with_categories"): "get_flashed_messages(): a message is one text",
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


def cure_of_model_attribute(name: str, model: str, written: str, method: str = "") -> str:
    """Return what to write instead of an attribute that their models have; empty for any other.

    Args:
        name: The attribute: `query`, `save`.
        model: The model's name.
        written: The object, as it is written there; the model's name for the model itself.
        method: What is taken from the attribute: `get_or_404` of `Note.query.get_or_404(id)`.
    """
    if written != model:
        return OBJECT_ATTRIBUTES.get(name, "").format(object=written)
    cure = MODEL_ATTRIBUTES.get(name, "")
    return (QUERY_METHODS.get(method, cure) if cure else "").format(model=model)
