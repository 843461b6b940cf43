"""Settings: what differs between your machine and production, read from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, dataclass_transform, get_type_hints
from urllib.parse import quote

from mtvgen.runtime.settings.current import remember_settings
from mtvgen.runtime.settings.masking import is_secret_name, remember_secrets
from mtvgen.runtime.settings.time_zones import UnknownTimeZone, time_zone
from mtvgen.runtime.settings.types import convert, fits, human_name, in_words, is_known
from mtvgen.runtime.support.suggestions import did_you_mean

if TYPE_CHECKING:
    from mtvgen.runtime.support.faults import Fault

DATABASE_URL = "sqlite:///db.sqlite3"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class _Declared:
    """Makes a frozen dataclass of every subclass, so that a project writes annotations alone."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True, repr=False)(cls)


class Settings(_Declared):
    """The settings that a project reads from its environment; subclass it to add your own.

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
        time_zone: The one that pages show, by its name in the IANA database: `Europe/Berlin`.
        mail_url: The server that takes the site's mail: `smtp://user:password@host:587`, or
            `smtps://`; empty where the site sends none.
        mail_from: Who the mail is from: `Notes <notes@example.org>`.
    """

    root: Path
    debug: bool = False
    secret_key: str = field(repr=False)
    allowed_hosts: list[str]
    database_url: str = field(default=DATABASE_URL, repr=False)
    time_zone: str = "UTC"
    mail_url: str = field(default="", repr=False)
    mail_from: str = ""

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
        faults: list[Fault] = []
        file = root / ".env" if environ is None else None
        if environ is None:
            environ = {**_read_file(root / ".env", faults), **os.environ}
        values: dict[str, Any] = {}
        for declared, kind in _declared_fields(cls):
            try:
                values[declared.name] = _below(root, _read(declared, kind, environ, file))
            except SettingsError as error:
                faults += error.faults
        try:
            time_zone(values.get("time_zone") or "UTC")
        except UnknownTimeZone as error:
            faults.append(_wrong("TIME_ZONE", error.message, error.cure))
        if values.get("mail_url"):
            faults += _mail_faults(values["mail_url"], values.get("mail_from", ""))
        if faults:
            raise SettingsError(faults)
        values["database_url"] = _sqlite_below(root, values["database_url"])
        settings = cls(root=root, **values)
        remember_secrets(settings, [f.name for f in fields(cls) if _is_secret(f)])
        remember_settings(settings)
        return settings

    @contextmanager
    def temporarily(self, **values: Any) -> Iterator[Self]:
        """Have other values for a while: for a test of what a setting does.

            with settings.temporarily(notes_per_page=2):
                ...

        Everything that holds this object reads them until the block ends. What was made of a
        setting before, as `wsgi.py` makes the Application, stays as it is.

        Args:
            **values: By the names of the settings, each of its type; a relative Path is below
                `root`.

        Raises:
            TypeError: There is no such setting, or the value is of another type.
            ValueError: There is no such time zone, or the URL names no mail server.
        """
        others = {name: _below(self.root, self._fitting(name, values[name])) for name in values}
        usual = {name: getattr(self, name) for name in others}
        # The class is frozen: that no view changes a setting is worth more than a plain setattr().
        vars(self).update(others)
        try:
            yield self
        finally:
            vars(self).update(usual)

    def _fitting(self, name: str, value: Any) -> Any:
        """Return a value of the type that the setting has."""
        settings = [declared.name for declared in fields(self)]
        of = type(self).__qualname__
        if name not in settings:
            raise TypeError(f"{of} has no setting {name!r}.{did_you_mean(name, settings)}")
        kind = get_type_hints(type(self))[name]
        if not fits(value, kind):
            # It may be a secret: its type says enough.
            raise TypeError(f"{of}.{name} is {in_words(kind)}, not {type(value).__name__}.")
        if name == "time_zone":
            time_zone(value)
        if name == "mail_url" and value:
            from mtvgen.runtime.settings.mail_server import read_mail_url

            read_mail_url(value)
        return value

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'...' if _is_secret(f) else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"{type(self).__qualname__}({', '.join(shown)})"


class SettingsError(Exception):
    """Everything that is missing or wrong in the environment, in one message.

    Attributes:
        faults: Each as data: its kind, its variable, its sentence, its place, its cure.
        problems: One sentence each, with what to set.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        self.problems = tuple(map(str, faults))
        super().__init__("\n".join(self.problems))


def _is_secret(declared: Field[Any]) -> bool:
    return not declared.repr or is_secret_name(declared.name)


def _read_file(file: Path, faults: list[Fault]) -> dict[str, str]:
    """Return the variables of `.env`; what is wrong with its lines is added to `faults`.

    Raises:
        SettingsError: The file can't be read.
    """
    if not (file.exists() or file.is_symlink()):
        return {}
    # Imported on use: production often has no such file.
    from mtvgen.runtime.settings.env_file import EnvFileError, read_env_file

    try:
        variables, wrong_lines = read_env_file(file)
    except EnvFileError as error:
        # Alone in its error: what the file holds would be reported as missing too.
        raise SettingsError([error.fault]) from error
    faults += wrong_lines
    return variables


def _declared_fields(cls: type[Settings]) -> Iterator[tuple[Field[Any], Any]]:
    """Every field but `root`, with its type as an object.

    Raises:
        TypeError: No text can become that type; says which field it is.
    """
    kinds = get_type_hints(cls)
    for declared in fields(cls):
        kind = kinds[declared.name]
        if not is_known(kind):
            raise TypeError(
                f"{cls.__qualname__}.{declared.name} is {human_name(kind)}: settings are bool, "
                "int, float, str or Path, lists and tuples[X, ...] of them, or one of them | None."
            )
        if declared.name != "root":
            yield declared, kind


def _read(declared: Field[Any], kind: Any, variables: Mapping[str, str], file: Path | None) -> Any:
    """One value, converted.

    Raises:
        SettingsError: It is missing or does not fit; the text is for the person who deploys.
    """
    name = declared.name.upper()
    text = variables.get(name)
    # An empty key signs nothing and an empty list admits nobody: they are as good as missing.
    if text is None or (name in _NEVER_EMPTY and not text.strip()):
        return _default(declared, name, variables, file)
    try:
        return convert(text, kind)
    except ValueError:
        value = "its value (a secret)" if _is_secret(declared) else repr(text)
        wrong = _wrong(name, f"{value} is not a valid {human_name(kind)}.")
        raise SettingsError([wrong]) from None


def _mail_faults(url: str, sender: str) -> list[Fault]:
    # Imported on use: most sites send no mail.
    from mtvgen.runtime.settings.mail_server import WrongMailURL, read_mail_url
    from mtvgen.runtime.support.mail_addresses import sender_address

    faults = []
    try:
        read_mail_url(url)
    except WrongMailURL as error:
        faults.append(_wrong("MAIL_URL", error.message, error.cure))
    if not sender.strip():
        from mtvgen.runtime.settings.missing import missing_setting

        return [*faults, missing_setting("MAIL_FROM")]
    try:
        sender_address(sender)
    except ValueError as error:
        faults.append(_wrong("MAIL_FROM", str(error), "MAIL_FROM='My site <me@example.com>'"))
    return faults


def _wrong(name: str, why: str, cure: str = "") -> Fault:
    # Imported on use, as below.
    from mtvgen.runtime.support.faults import Fault

    return Fault("wrong", f"{name} is wrong: {why}", cure, name)


def _default(
    declared: Field[Any], name: str, variables: Mapping[str, str], file: Path | None
) -> Any:
    if declared.default is not MISSING:
        return declared.default
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    if name in _UNNEEDED_WHILE_DEBUGGING and variables.get("DEBUG"):
        return _UNNEEDED_WHILE_DEBUGGING[name]()
    # Imported on use: a site that lacks no setting does not need it.
    from mtvgen.runtime.settings.missing import missing_setting

    raise SettingsError([missing_setting(name, file and file.parent)])


# runserver has loopback hosts of its own.
_UNNEEDED_WHILE_DEBUGGING: dict[str, Callable[[], Any]] = {"ALLOWED_HOSTS": list}

_NEVER_EMPTY = frozenset({"SECRET_KEY", "ALLOWED_HOSTS", "TIME_ZONE"})


def _below(root: Path, value: Any) -> Any:
    """Relative paths below the project, wherever the server was started from."""
    if isinstance(value, Path):
        return root / value
    if isinstance(value, list | tuple):
        return type(value)(_below(root, item) for item in value)
    return value


def _sqlite_below(root: Path, url: str) -> str:
    """Return the same for the file of an SQLite database."""
    scheme, separator, file = url.partition(":///")
    is_sqlite = bool(separator) and scheme.split("+")[0] == "sqlite"
    if not is_sqlite or not file or file.startswith((":", "file:")) or Path(file).is_absolute():
        return url
    # The file is as it is in a URL; the directory is a path, in which `?`, `#` and `%` mean
    # nothing but themselves.
    return f"{scheme}:///{quote(root.as_posix(), safe='/:')}/{file}"
