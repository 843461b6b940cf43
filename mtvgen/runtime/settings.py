"""Settings: what differs between your machine and production, read from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Self, Union, dataclass_transform, get_args, get_origin, get_type_hints

DATABASE_URL = "sqlite:///db.sqlite3"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _Declared:
    """Makes a frozen dataclass of every subclass, so that a project writes annotations alone."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)


class Settings(_Declared):
    """What a project reads from its environment; subclass it to add your own.

        class SiteSettings(Settings):
            notes_per_page: int = 20        # NOTES_PER_PAGE in the environment

        settings = SiteSettings.from_environment(Path(__file__).parent)

    A field is a bool, int, float, str, Path, or a list or tuple of those (separated by commas),
    and may be `| None`. `field(repr=False)` marks a secret, whose value is never shown.

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
        """
        root = root.resolve()
        variables = _read_variables(root) if environ is None else environ
        values: dict[str, Any] = {}
        problems: list[str] = []
        for declared, kind in _declared_fields(cls):
            try:
                values[declared.name] = _read(declared, kind, variables)
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise SettingsError(problems)
        values["database_url"] = _below(root, values["database_url"])
        return cls(root=root, **values)


class SettingsError(Exception):
    """Everything that is missing or wrong in the environment, in one message.

    Attributes:
        problems: One sentence each, with what to set.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def _read_variables(root: Path) -> dict[str, str]:
    """The process environment over what stands in `.env`."""
    in_file: dict[str, str] = {}
    file = root / ".env"
    if file.is_file():
        # Imported on use: production often has no such file.
        from dotenv import dotenv_values

        in_file = {k: v for k, v in dotenv_values(file).items() if v is not None}
    if "DEBUG" in in_file:
        raise SettingsError(
            [f"{file}: DEBUG has no place here: mtvgen runserver sets it. Remove it."]
        )
    return {**in_file, **os.environ}


def _declared_fields(cls: type[Settings]) -> Iterator[tuple[Field[Any], Any]]:
    """Every field but `root`, with its type as an object."""
    kinds = get_type_hints(cls)
    for declared in fields(cls):
        if declared.name != "root":
            yield declared, kinds[declared.name]


def _read(declared: Field[Any], kind: Any, variables: Mapping[str, str]) -> Any:
    """One value, converted.

    Raises:
        ValueError: It is missing or does not fit; the text is for the person who deploys.
    """
    name = declared.name.upper()
    if name not in variables:
        if declared.default is not MISSING:
            return declared.default
        if declared.default_factory is not MISSING:
            return declared.default_factory()
        if name in _UNNEEDED_WHILE_DEBUGGING and variables.get("DEBUG"):
            return _UNNEEDED_WHILE_DEBUGGING[name]()
        raise ValueError(_missing(name))
    text = variables[name]
    if name == "SECRET_KEY" and not text.strip():
        raise ValueError(_missing(name))
    try:
        return _convert(text, kind)
    except ValueError:
        value = repr(text) if declared.repr else "its value (a secret)"
        raise ValueError(f"{name} is wrong: {value} is no {_spoken(kind)}.") from None


# runserver has loopback hosts of its own.
_UNNEEDED_WHILE_DEBUGGING: dict[str, Callable[[], Any]] = {"ALLOWED_HOSTS": list}

_CURES = {
    "SECRET_KEY": (
        "SECRET_KEY is not set, and this is not mtvgen runserver. -> export SECRET_KEY="
        "\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
    ),
    "ALLOWED_HOSTS": "ALLOWED_HOSTS is not set. -> export ALLOWED_HOSTS=example.com,www.example.com",
}


def _missing(name: str) -> str:
    return _CURES.get(name, f"{name} is not set. -> export {name}=...")


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
        return None if not text and type(None) in get_args(kind) else _convert(text, inner)
    if kind is bool:
        return _convert_bool(text)
    if kind not in (int, float, str, Path):
        raise TypeError(
            f"Settings know bool, int, float, str, Path and lists of them, not {kind!r}."
        )
    return kind(text)


def _convert_bool(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def _spoken(kind: Any) -> str:
    if kind is bool:
        return "bool (1, true, yes, on, or 0, false, no, off)"
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _below(root: Path, url: str) -> str:
    """A relative SQLite path below the project, wherever the server was started from."""
    scheme, separator, file = url.partition(":///")
    relative = (
        scheme.split("+")[0] == "sqlite" and file and not file.startswith((":", "/", "file:"))
    )
    if not separator or not relative or Path(file).is_absolute():
        return url
    return f"{scheme}:///{(root / file).as_posix()}"
