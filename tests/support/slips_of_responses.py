"""Mistakes in what responses and errors are given, with the cure that the message names."""

from __future__ import annotations

from tests.support.hints import Slip

BODIES = [
    Slip(
        'Response({"a": 1})', "To send JSON, write json_response(value).", 'json_response({"a": 1})'
    ),
    Slip('Response(["a"])', "To send JSON, write json_response(value).", 'json_response(["a"])'),
    Slip("Response(404)", "Write Response(status=404).", "Response(status=404)"),
    Slip("Response(None, 204)", 'Write "" for an empty one.', 'Response("", 204)'),
    Slip("Response(1.5)", "Write str(...).", "Response(str(1.5))"),
    Slip(
        'Response("x", "text/plain")',
        "Write content_type='text/plain'.",
        "Response('x', content_type='text/plain')",
    ),
    Slip('Response("x", "404 Not Found")', "Write 404.", 'Response("x", 404)'),
    Slip('json_response({}, "201")', "Write 201.", "json_response({}, 201)"),
    Slip(
        "redirect(None)",
        'Write redirect(request.url_for("...")).',
        'def view(request): return redirect(request.url_for("tests.view"))\n'
        'site(path("/", view, name="tests.view")).get("/")',
    ),
]

ERRORS = [
    Slip(
        'MethodNotAllowed("POST")',
        "Write MethodNotAllowed(['POST']).",
        "MethodNotAllowed(['POST'])",
    ),
    Slip(
        "MethodNotAllowed(None)",
        "Write MethodNotAllowed(['GET', 'POST']).",
        "MethodNotAllowed(['GET', 'POST'])",
    ),
    Slip(
        'TooManyRequests(headers=("Retry-After", "60"))',
        'Write headers={"Retry-After": "60"}.',
        'TooManyRequests(headers={"Retry-After": "60"})',
    ),
    Slip(
        'Response("x", headers="Retry-After: 60")',
        'Write headers={"Retry-After": "60"}.',
        'Response("x", headers={"Retry-After": "60"})',
    ),
    Slip(
        'TooManyRequests(headers=[("Retry-After", 60)])',
        "header Retry-After: 60 is not a str; write str(...) around it.",
        'TooManyRequests(headers=[("Retry-After", str(60))])',
    ),
]  # fmt: skip

KEYWORDS = [
    Slip("Response('x', status_code=201)", "-> status=...", "Response('x', status=201)"),
    Slip(
        "Response('x', mimetype='a/b')", "-> content_type=...", "Response('x', content_type='a/b')"
    ),
    Slip("redirect('/', code=301)", "-> status=...", "redirect('/', status=301)"),
    Slip("path('/', home, method='GET')", "-> methods=...", "path('/', home, methods=['GET'])"),
    Slip(
        "Application([], template=directory / 'templates')",
        "-> templates=...",
        "Application([], templates=directory / 'templates')",
    ),
    Slip("NotFound(message='Gone.')", "-> detail=...", "NotFound(detail='Gone.')"),
    Slip(
        "Response().set_cookie('a', 'b', http_only=False)",
        "-> httponly=...",
        "Response().set_cookie('a', 'b', httponly=False)",
    ),
    Slip(
        "def view(request): return send_file(request, 'static/style.css', download_name='a.css')\n"
        "get(view)",
        "-> download_as=...",
        "def view(request): return send_file(request, 'static/style.css', download_as='a.css')\n"
        "get(view)",
    ),
]

ATTRIBUTES = [
    Slip("Response().status_code", "-> response.status", "Response().status"),
    Slip(
        "Response().mimetype",
        '-> response.headers["Content-Type"]',
        'Response().headers["Content-Type"]',
    ),
]

SLIPS = [*ATTRIBUTES, *BODIES, *ERRORS, *KEYWORDS]
