"""A site with accounts, for tests of who may come in: members, staff, and pages for everybody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import JSON, MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mtvgen.runtime import (
    Application,
    NotFound,
    Request,
    Response,
    include,
    path,
    redirect,
    render,
    signed_sessions,
)
from mtvgen.runtime.accounts import (
    SessionColumns,
    accounts,
    end_all_sessions,
    end_session,
    everybody,
    role,
    signed_in,
    start_session,
    way_back,
)
from mtvgen.runtime.models import Database, UTCDateTime, database_session


class Base(DeclarativeBase):
    """Tables of this site alone."""

    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime}


class User(SessionColumns, Base):
    """A member."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str] = mapped_column(default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    last_seen: Mapped[datetime | None]


TEMPLATES = {
    "hello.html": "{% if user %}{{ user.email }}{% else %}a visitor{% endif %}",
    "quiet.html": "quiet",
    "error.html": "{{ status_code }} for {{ user.email if user else 'a visitor' }}",
    "macros.html": "{% macro who() %}{{ user.email }}{% endmacro %}",
    "by_macro.html": "{% from 'macros.html' import who %}{{ who() }}",
}


def page(name: str) -> Any:
    return lambda request: render(request, name)


def text(request: Request, **_: object) -> str:
    return "here"


def log_in(request: Request) -> Any:
    if request.method == "GET":
        return "log in here"
    user = request.db.scalars(select(User).where(User.email == request.form["email"])).one()
    start_session(request, user)
    return redirect(way_back(request))


def log_out(request: Request) -> Any:
    end_session(request)
    return redirect("/")


def everywhere(request: Request) -> Any:
    user = request.db.get_one(User, int(request.form["id"]))
    end_all_sessions(request, user)
    return redirect("/")


def new_password(request: Request) -> Any:
    assert request.user
    user = request.db.get_one(User, request.user.id)
    user.password_hash = request.form["password"]
    end_all_sessions(request, user)
    return redirect("/")


def plant(request: Request) -> str:
    request.session["planted"] = "by somebody"
    return "planted"


def contents(request: Request) -> dict[str, Any]:
    return {name: value for name, value in request.session.items() if name != "_account"}


def gone(request: Request) -> str:
    raise NotFound


def shared(request: Request) -> Response:
    return Response("mine", headers={"Cache-Control": request.query["control"]})


def closed_routes() -> list[Any]:
    """The routes of a site that is closed but for what says otherwise."""
    return [
        path("/", text, name="home", access=everybody),
        path("/login", log_in, methods=["GET", "POST"], name="accounts.log_in", access=everybody),
        path("/logout", log_out, methods=["POST"]),
        path("/everywhere", everywhere, methods=["POST"]),
        path("/password", new_password, methods=["POST"]),
        path("/plant", plant, access=everybody),
        path("/contents", contents, access=everybody),
        path("/hello", page("hello.html"), access=everybody),
        path("/quiet", page("quiet.html"), access=everybody),
        path("/by-macro", page("by_macro.html")),
        path("/shared", shared),
        path("/gone", gone, access=everybody),
        path("/mine", text, name="mine"),
        path("/mine", text, methods=["POST"], name="mine"),
        path("/mixed", text, name="mixed", access=everybody),
        path("/mixed", text, methods=["POST", "DELETE"], name="mixed", access=role("staff")),
        path("/folder/", text, name="folder"),
        path("/open-folder/", text, name="open_folder", access=everybody),
        path("/post-only", text, methods=["POST"], name="post_only"),
        include(
            "/staff",
            [
                path("", text, name="index"),
                path("/help", text, name="help", access=everybody),
                include("/desk", [path("", text, name="desk")], access=signed_in),
            ],
            name="staff.",
            access=role("staff"),
        ),
    ]


def members_site(folder: Path, *, access: Any = signed_in, routes: Any = None) -> Application:
    """A site over a new database, with Ada, who is a member, and Grace, who is staff."""
    database = Database(f"sqlite:///{folder / 'members.sqlite3'}")
    Base.metadata.create_all(database.engine)
    with database.session() as db:
        db.add_all(
            [User(email="ada@example.com"), User(email="grace@example.com", roles=["staff"])]
        )
    (folder / "templates").mkdir()
    for name, source in TEMPLATES.items():
        (folder / "templates" / name).write_text(source)
    (folder / "static").mkdir()
    (folder / "static" / "style.css").write_text("body {}")
    site = Application(
        closed_routes() if routes is None else routes,
        templates=folder / "templates",
        static=folder / "static",
        middleware=[
            database_session(database),
            signed_sessions("a secret key for the tests alone"),
            accounts(User, access=access),
        ],
    )
    site.database = database  # type: ignore[attr-defined]  # for the test
    return site
