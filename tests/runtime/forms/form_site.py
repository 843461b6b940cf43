"""A site of form classes for a real browser: a product, an order, a versioned page, a search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from mtvgen.runtime import (
    Application,
    Limits,
    Request,
    Response,
    UploadedFile,
    get_or_404,
    path,
    redirect,
    render,
)
from mtvgen.runtime.forms import Form, accept, hint, password, textarea
from mtvgen.runtime.models import Database, database_session
from tests.support.orders import Order, OrderForm
from tests.support.pages import DOCS, examples
from tests.support.shop import Product, ProductForm, Stock

MAX_PHOTO = 2_000  # bytes
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class Article(Stock):
    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own way


class PictureProductForm(ProductForm):
    photo: Annotated[UploadedFile | None, accept("image/png", MAX_PHOTO), hint("A PNG.")]


class ArticleForm(Form[Article]):
    title: str
    text: Annotated[str, textarea]
    version: int


class SearchForm(Form):
    word: str = ""


class LoginForm(Form):
    name: str
    secret: Annotated[str, password]


def product(request: Request, id: int = 0) -> Response:
    row = get_or_404(request.db, Product, id) if id else None
    form = PictureProductForm.read(request, row)
    if saved := form.save(request.db):
        return redirect(request.url_for("product", id=saved.id))
    return render(request, "product.html", status_code=form.status, form=form)


def order(request: Request, id: int = 0) -> Response:
    form = OrderForm.read(request, get_or_404(request.db, Order, id) if id else None)
    if saved := form.save(request.db):
        return redirect(request.url_for("order", id=saved.id))
    return render(request, "order.html", status_code=form.status, form=form)


def article(request: Request, id: int) -> Response:
    form = ArticleForm.read(request, get_or_404(request.db, Article, id))
    if form.save(request.db):
        return redirect(request.url_for("article", id=id))
    return render(request, "article.html", status_code=form.status, form=form)


def search(request: Request) -> Response:
    form = SearchForm.read_query(request)
    return render(request, "search.html", status_code=form.status, form=form)


def login(request: Request) -> Response:
    form = LoginForm.read(request, prefix="login")
    if form.value:
        form.refuse("", "Name or password is wrong.")
    return render(request, "login.html", status_code=form.status, form=form)


BASE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{% block title %}Shop{% endblock %}</title></head>
<body><main><h1>Shop</h1>{% block content %}{% endblock %}</main></body>
</html>
"""
HEAD = """\
{% extends "base.html" %}
{% from "parts/fields.html" import choices, field %}
{% block content %}
"""
PRODUCT = """\
<form method="post" enctype="multipart/form-data">
  {{ form.error }}
  {{ field(form.code, "Code") }} {{ field(form.name, "Name") }}
  <p><label for="text">Text</label> <textarea {{ form.text.attributes }}>
{{ form.text.text }}</textarea> {{ form.text.error }}</p>
  {{ field(form.price, "Price") }} {{ field(form.stock, "In stock") }}
  {{ choices(form.colour, "Colour") }}
  {{ field(form.sold_from, "Sold from") }} {{ field(form.announced, "Announced") }}
  {{ field(form.listed, "Listed") }} {{ field(form.maker, "Maker") }} {{ field(form.tags, "Tags") }}
  {{ field(form.photo, "Photo") }}
  <p><button>Save</button></p>
</form>
"""
ORDER = """\
<form method="post">
  {{ form.error }} {{ field(form.customer, "Customer") }}
  <p><button>Save</button></p>
  {% for line in form.lines.rows %}
  <fieldset><legend>Line {{ loop.index }}</legend>
    {{ line.key }} {{ field(line.what, "What") }} {{ field(line.count, "How many") }}
    {{ field(line.price, "Price") }} {{ field(line.gift, "A gift") }}
    <button {{ line.remove }}>Remove line {{ loop.index }}</button>
  </fieldset>
  {% endfor %}
  {{ form.lines.error }} <button {{ form.lines.add }}>Another line</button>
</form>
"""
ARTICLE = """\
<form method="post">
  {{ form.error }} {{ field(form.title, "Title") }} {{ field(form.text, "Text") }}
  {{ field(form.version, "") }} <p><button>Save</button></p>
</form>
"""
SEARCH = '<form>{{ field(form.word, "Word") }}<button>Search</button></form>'
LOGIN = """\
<form method="post">{{ form.error }} {{ field(form.name, "Name") }}
{{ field(form.secret, "Password") }}<button>Log in</button></form>
"""


def templates_in(directory: Path) -> Path:
    """The site's templates; the macro is the one of docs/forms.md."""
    pages = {"product": PRODUCT, "order": ORDER, "article": ARTICLE, "search": SEARCH}
    for name, text in (pages | {"login": LOGIN}).items():
        (directory / f"{name}.html").write_text(f"{HEAD}{text}{{% endblock %}}", encoding="utf-8")
    (directory / "base.html").write_text(BASE, encoding="utf-8")
    (directory / "parts").mkdir()
    macro = next(
        one for one in examples(DOCS / "forms.md") if one.file == "templates/parts/fields.html"
    )
    (directory / "parts" / "fields.html").write_text(macro.text, encoding="utf-8")
    return directory


def form_site(database: Database, directory: Path) -> Application:
    both = ["GET", "POST"]
    return Application(
        [
            path("/product", product, methods=both, name="new_product"),
            path("/product/<int:id>", product, methods=both, name="product"),
            path("/order", order, methods=both, name="new_order"),
            path("/order/<int:id>", order, methods=both, name="order"),
            path("/article/<int:id>", article, methods=both, name="article"),
            path("/search", search, name="search"),
            path("/login", login, methods=both, name="login"),
        ],
        templates=templates_in(directory),
        middleware=[database_session(database)],
        limits=Limits(max_body_size=1_000_000),
    )
