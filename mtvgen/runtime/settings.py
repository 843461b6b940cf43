"""Settings: what differs between your machine and production, read from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Self, Union, dataclass_transform, get_args, get_origin, get_type_hints

from mtvgen.runtime.locations import shown

DATABASE_URL = "sqlite:///db.sqlite3"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})

# Fields that are taken for secrets by their names, also where nobody has said so.
_SECRET_NAME = re.compile(r"secret|passw|token|credential|private|(?:^|_)(?:key|dsn|pwd)(?:s|_|$)")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _Declared:
    """Makes a frozen dataclass of every subclass, so that a project writes annotations alone."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True, repr=False)(cls)


class Settings(_Declared):
    """What a project reads from its environment; subclass it to add your own.

        class SiteSettings(Settings):
            notes_per_page: int = 20        # NOTES_PER_PAGE in the environment

        settings = SiteSettings.from_environment(Path(__file__).parent)

    A field is a bool, int, float, str or Path, a list or tuple of one of them (separated by
    commas), or one of them `| None`. A relative Path is below `root`.

    No secret shows in a repr or in an error: `field(repr=False)` marks one, and so does a name
    such as `mail_password` or `api_key`.

    Attributes:
        root: The project's directory.
        debug: Whether `mtvgen runserver` serves it; nothing else sets DEBUG.
        secret_key: Signs the session cookie.
        allowed_hosts: The hosts that the site answers for.
        database_url: Where the data is; a relative SQLite path is below `root`.
    """

    root: Path
    debug: bool = False
    secret_key: str = field(repr=False)
    allowed_hosts: list[str]
    database_url: str = field(default=DATABASE_URL, repr=False)

    @classmethod
    def from_environment(cls, root: Path, environ: Mapping[str, str] | None = None) -> Self:
        """Read all settings: from the environment first, then from `.env` in `root`.

        Args:
            root: The project's directory.
            environ: Stands in for `os.environ` and `.env`, for tests.

        Raises:
            SettingsError: Everything that is missing or wrong, in one message.
            TypeError: A field has a type that no text can become.
        """
        root = root.resolve()
        problems: list[str] = []
        if environ is None:
            environ = {**_read_file(root / ".env", problems), **os.environ}
        values: dict[str, Any] = {}
        for declared, kind in _declared_fields(cls):
            try:
                values[declared.name] = _below(root, _read(declared, kind, environ))
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise SettingsError(problems)
        values["database_url"] = _sqlite_below(root, values["database_url"])
        return cls(root=root, **values)

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'...' if _is_secret(f) else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"{type(self).__qualname__}({', '.join(shown)})"


class SettingsError(Exception):
    """Everything that is missing or wrong in the environment, in one message.

    Attributes:
        problems: One sentence each, with what to set.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def _is_secret(declared: Field[Any]) -> bool:
    return not declared.repr or _SECRET_NAME.search(declared.name) is not None


def _read_file(file: Path, problems: list[str]) -> dict[str, str]:
    """What stands in `.env`, taken word for word: `$` and `${...}` mean nothing there.

    Raises:
        SettingsError: The file can't be read.
    """
    if not file.is_file():
        return {}
    # Imported on use: production often has no such file.
    from dotenv.parser import parse_stream

    variables: dict[str, str] = {}
    try:
        with file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    # Alone in its error: what the file holds would be reported as missing too.
    except OSError as error:
        cure = "let this user read it: chown or chmod"
        text = f"{shown(str(file))} can't be read: {error.strerror}. -> {cure}"
        raise SettingsError([text]) from error
    except UnicodeDecodeError as error:
        text = f"{shown(str(file))} can't be read: {error}. -> save it as UTF-8"
        raise SettingsError([text]) from error
    for binding in bindings:
        place = f"{shown(str(file))}:{binding.original.line}"
        if binding.error or (binding.key is not None and binding.value is None):
            problems.append(f"{place}: this line is no NAME=value. -> mend it, or put # before it")
        elif binding.key == "DEBUG":
            problems.append(
                f"{place}: DEBUG has no place here: mtvgen runserver sets it. -> remove the line"
            )
        elif binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
    return variables


def _declared_fields(cls: type[Settings]) -> Iterator[tuple[Field[Any], Any]]:
    """Every field but `root`, with its type as an object.

    Raises:
        TypeError: No text can become that type; says which field it is.
    """
    kinds = get_type_hints(cls)
    for declared in fields(cls):
        kind = kinds[declared.name]
        if not _is_known(kind):
            raise TypeError(
                f"{cls.__qualname__}.{declared.name} is {_spoken(kind)}: settings are bool, int, "
                "float, str or Path, lists and tuples[X, ...] of them, or one of them | None."
            )
        if declared.name != "root":
            yield declared, kind


_SCALARS = (bool, int, float, str, Path)


def _is_known(kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is list:
        return inner[0] in _SCALARS
    if origin is tuple:
        return len(inner) == 2 and inner[0] in _SCALARS and inner[1] is Ellipsis
    if origin in (Union, UnionType):
        others = [part for part in inner if part is not type(None)]
        return len(others) == 1 and len(inner) == 2 and _is_known(others[0])
    return kind in _SCALARS


def _read(declared: Field[Any], kind: Any, variables: Mapping[str, str]) -> Any:
    """One value, converted.

    Raises:
        ValueError: It is missing or does not fit; the text is for the person who deploys.
    """
    name = declared.name.upper()
    text = variables.get(name)
    # An empty key signs nothing and an empty list admits nobody: they are as good as missing.
    if text is None or (name in _CURES and not text.strip()):
        return _default(declared, name, variables)
    try:
        return _convert(text, kind)
    except ValueError:
        value = "its value (a secret)" if _is_secret(declared) else repr(text)
        raise ValueError(f"{name} is wrong: {value} is no {_spoken(kind)}.") from None


def _default(declared: Field[Any], name: str, variables: Mapping[str, str]) -> Any:
    if declared.default is not MISSING:
        return declared.default
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    if name in _UNNEEDED_WHILE_DEBUGGING and variables.get("DEBUG"):
        return _UNNEEDED_WHILE_DEBUGGING[name]()
    raise ValueError(_CURES.get(name, f"{name} is not set. -> export {name}=..."))


# runserver has loopback hosts of its own.
_UNNEEDED_WHILE_DEBUGGING: dict[str, Callable[[], Any]] = {"ALLOWED_HOSTS": list}

_CURES = {
    "SECRET_KEY": (
        "SECRET_KEY is not set, and this is not mtvgen runserver. -> export SECRET_KEY="
        "\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
    ),
    "ALLOWED_HOSTS": (
        "ALLOWED_HOSTS is not set. -> export ALLOWED_HOSTS=example.com,www.example.com"
    ),
}


def _convert(text: str, kind: Any) -> Any:
    """The text as a value of the declared type.

    Raises:
        ValueError: It does not fit.
    """
    origin = get_origin(kind)
    if origin in (list, tuple):
        inner = get_args(kind)[0]
        return origin(_convert(part.strip(), inner) for part in text.split(",") if part.strip())
    if origin in (Union, UnionType):
        inner = next(part for part in get_args(kind) if part is not type(None))
        return _convert(text, inner) if text else None
    return _convert_bool(text) if kind is bool else kind(text)


def _convert_bool(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(text)


def _spoken(kind: Any) -> str:
    """A type as a sentence names it: `int`, `list of int, with commas`."""
    inner = [part for part in get_args(kind) if part not in (type(None), Ellipsis)]
    if get_origin(kind) in (list, tuple) and inner:
        return f"list of {_spoken(inner[0])}, with commas"
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_spoken(part) for part in inner)
    if kind is bool:
        return "bool (1, true, yes, on, or 0, false, no, off)"
    return str(getattr(kind, "__name__", kind))


def _below(root: Path, value: Any) -> Any:
    """Relative paths below the project, wherever the server was started from."""
    if isinstance(value, Path):
        return root / value
    if isinstance(value, list | tuple):
        return type(value)(_below(root, item) for item in value)
    return value


def _sqlite_below(root: Path, url: str) -> str:
    """The same for the file of an SQLite database."""
    scheme, separator, file = url.partition(":///")
    is_sqlite = bool(separator) and scheme.split("+")[0] == "sqlite"
    if not is_sqlite or not file or file.startswith((":", "file:")) or Path(file).is_absolute():
        return url
    return f"{scheme}:///{(root / file).as_posix()}"
