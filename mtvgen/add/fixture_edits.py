"""The edit of a project's fixtures: a site that is closed to visitors is tested by somebody."""

from __future__ import annotations

import ast

from mtvgen.add.python_edits import PythonFile, importing
from mtvgen.add.source_text import NotPlacedError

_IMPORTS = {
    "set_password": "mtvgen.runtime.accounts",
    "Client": "mtvgen.runtime.testing",
    "cheap_passwords": "mtvgen.runtime.testing",
}
_SIGNED_IN = '''@{decorator}
def client(visitor: {Client}) -> {Client}:
    """The same browser, logged in as somebody with an account."""
    from models import User, database

    form = {{"email": "somebody@example.com", "password": "a password for the tests"}}
    user = User(email=form["email"])
    with {cheap_passwords}():
        {set_password}(user, form["password"])
        with database.session() as db:
            db.add(user)
        visitor.post("/login", data=form)
    return visitor'''


def with_signed_in_client(conftest: bytes) -> bytes:
    """Call the fixture `client` `visitor`, and let `client` be the same browser, logged in.

    So the tests that a project has can use its pages as before.

    Args:
        conftest: The file `tests/conftest.py`.

    Raises:
        NotPlacedError: It has no fixture `client` that is made for each test.
    """
    file = PythonFile(conftest)
    fixture, visitor = file.function_named("client"), file.function_named("visitor")
    if visitor is not None:
        if fixture is None or [each.arg for each in fixture.args.args] != ["visitor"]:
            raise NotPlacedError("it has a fixture 'visitor' already")
        return conftest
    if fixture is None or _decorator_of(fixture) is None:
        raise NotPlacedError("it has no fixture 'client' that is made for each test")
    names = {}
    for name, module in _IMPORTS.items():
        conftest, names[name] = importing(conftest, module, name)
    file = PythonFile(conftest)
    fixture = file.function_named("client")
    assert fixture is not None  # noqa: S101  # seen above
    decorator = _decorator_of(fixture)
    assert decorator is not None  # noqa: S101
    file.rename(fixture, "visitor")
    file.add_behind(fixture, _SIGNED_IN.format(decorator=ast.unparse(decorator), **names))
    return file.edited()


def _decorator_of(fixture: ast.FunctionDef) -> ast.expr | None:
    """Return `@pytest.fixture`, without arguments: made for each test, called as its function."""
    for decorator in fixture.decorator_list:
        function = decorator
        if isinstance(decorator, ast.Call) and not decorator.args and not decorator.keywords:
            function = decorator.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "fixture":
            return decorator
    return None
