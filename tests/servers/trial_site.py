"""The project that every server runs: a generated one, with a few views that look at the server."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.live_site import environment, make_project
from tests.support.pages import examples

DOCS = Path(__file__).parents[2] / "docs"

VIEWS = '''
"""What the suite of the servers asks for."""

import hashlib
from pathlib import Path

from mtvgen.runtime import Response, get_or_404

from models import Note

BLOCK = b"0123456789abcdef" * 4096  # 64 KiB


def stream(request):
    return Response((b"line %d\\n" % number for number in range(3)), content_type="text/plain")


class Blocks:
    """Many blocks; a file tells that the server has closed them."""

    def __init__(self, mark):
        self.mark = mark

    def __iter__(self):
        return iter([BLOCK] * 800)

    def close(self):
        self.mark.touch()


def blocks(request, mark):
    return Response(Blocks(Path("marks") / mark), content_type="application/octet-stream")


def upload(request):
    file = request.files["file"]
    data = file.file.read()
    return {"name": file.filename, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def raw(request):
    return {"size": len(request.body), "sha256": hashlib.sha256(request.body).hexdigest()}


def broken(request):
    request.environ["wsgi.input"]
    raise ZeroDivisionError("a secret text")


def echo(request, rest):
    return {
        "path": request.path,
        "rest": rest,
        "query": dict(request.query),
        "link": request.url_for("note", id=7),
        "url": request.absolute_url(),
        "scheme": request.environ["wsgi.url_scheme"],
    }


def cookies(request):
    response = Response("two cookies")
    response.set_cookie("one", "1")
    response.set_cookie("two", "a b;c")
    return response


def change(request):
    get_or_404(request.db, Note, 1).text = request.form["text"]
    return "changed"


def count(request):
    request.session["count"] = request.session.get("count", 0) + 1
    return str(request.session["count"])
'''
ROUTES = """
from views import trial

urlpatterns += [
    path("/trial/stream", trial.stream),
    path("/trial/blocks/<mark>", trial.blocks),
    path("/trial/upload", trial.upload, methods=["POST"]),
    path("/trial/raw", trial.raw, methods=["POST"]),
    path("/trial/broken", trial.broken),
    path("/trial/cookies", trial.cookies),
    path("/trial/count", trial.count),
    path("/trial/change", trial.change, methods=["POST"]),
    path("/trial/echo/<path:rest>", trial.echo),
]
"""
# Larger than the block that static files are sent in, so that `wsgi.file_wrapper` is used.
LARGE = bytes(range(256)) * 4096


def make_trial_site(directory: Path) -> Path:
    """A migrated project below `directory`; its root."""
    root = make_project(directory)
    (root / "views" / "trial.py").write_text(VIEWS, encoding="utf-8")
    (root / "marks").mkdir()
    (root / "static" / "large.bin").write_bytes(LARGE)
    with (root / "urls.py").open("a", encoding="utf-8") as urls:
        urls.write(ROUTES)
    add_documented_files(root, "logging.md")
    migrate = ["mtvgen", "migrate"]
    subprocess.run(migrate, cwd=root, env=environment(directory), check=True, capture_output=True)
    return root


def add_documented_files(root: Path, *pages: str) -> None:
    """Write what pages of the documentation add to a project, as they show it."""
    for page in pages:
        for example in examples(DOCS / page):
            if example.file:
                path = root / example.file
                path.parent.mkdir(exist_ok=True)
                path.write_text(example.text, encoding="utf-8")
