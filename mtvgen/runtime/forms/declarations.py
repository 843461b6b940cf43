"""Declarations: what the annotations of a form class say, and what its model's columns add.

They are read when the form is first used, as its model may not be complete before.
"""

from __future__ import annotations

import builtins
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from mtvgen.runtime.forms.checks import checks_of, limits_of
from mtvgen.runtime.forms.errors import FormError, Refusal
from mtvgen.runtime.forms.extras import Accept, Bound, ColumnName, Hint, Marker, Pattern, Rows
from mtvgen.runtime.forms.field_types import kind_of, unwrapped
from mtvgen.runtime.forms.sentences import ENGLISH
from mtvgen.runtime.support.suggestions import did_you_mean

if TYPE_CHECKING:
    from mtvgen.runtime.forms.database.columns import Facts
    from mtvgen.runtime.forms.kinds.base import Kind

Check = Callable[[Any], "Refusal | str | None"]
METHODS = frozenset({"mistakes", "of", "read", "read_json", "read_query"})  # of every form
MISSING: Any = object()  # the default of a field that has none


@dataclass(frozen=True, slots=True)
class Declaration:
    """One field of a form class.

    Attributes:
        name: Its name in the class.
        kind: How its values are read and drawn.
        default: The value where nothing was filled in; MISSING: something has to be.
        initial: The value that an empty form shows; MISSING: none.
        checks: What a value has to pass.
        hint: A sentence that is always shown with it.
        facts: What the model says about its attribute; None: it is not saved.
        rows: The form class of repeated fields.
        way: How it is read: as one `text`, as a `moment`, as `many` texts, as `rows`, as a
            `file`, or as the `version` of its row. Decided once, and not for each request.
    """

    name: str
    kind: Kind
    default: Any
    initial: Any
    checks: tuple[Check, ...]
    hint: str
    facts: Facts | None
    rows: Any
    way: Literal["text", "moment", "many", "rows", "file", "version"]

    @property
    def is_required(self) -> bool:
        """Whether something has to be filled in."""
        return self.default is MISSING

    @property
    def is_version(self) -> bool:
        """Whether it counts the changes of its row, and is compared instead of set."""
        return self.way == "version"

    def fresh_default(self) -> Any:
        """Return the default; of a list a new one."""
        return list(self.default) if isinstance(self.default, list) else self.default


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known of a form class.

    Attributes:
        form: The class.
        model: Its model; None for `class SearchForm(Form)`.
        fields: Its fields, by their names.
        messages: Its own sentences.
        groups: The names of its repeated fields.
    """

    form: Any
    model: Any
    fields: dict[str, Declaration]
    messages: Mapping[str, Any]
    groups: tuple[str, ...]


def plan_of(form: type) -> Plan:
    """Return the plan of a form class; made once.

    Raises:
        FormError: An annotation is not one of a field.
    """
    plan: Plan | None = form.__dict__.get("__plan__")
    if plan is None:
        plan = _plan_of(form)
        form.__plan__ = plan  # type: ignore[attr-defined]  # no name that a field could have
    return plan


def _plan_of(form: Any) -> Plan:
    model = _model_of(form)
    fields = {
        name: _declaration(form, name, hint, model)
        for name, hint in _hints_of(form).items()
        if not name.startswith("_") and get_origin(hint) is not ClassVar and hint is not ClassVar
    }
    groups = tuple(name for name, declared in fields.items() if declared.rows is not None)
    _refuse_unknown_messages(form, fields)
    return Plan(form, model, fields, form.__messages__, groups)


def _refuse_unknown_messages(form: Any, fields: Iterable[str]) -> None:
    """Each of `messages=` is a sentence of a field, `text.too_long`, or of all, `too_long`."""
    for key in form.__messages__:
        field, _, kind = key.rpartition(".")
        for word, known in ((field, ["", *fields]), (kind, ENGLISH)):
            if word not in known:
                raise FormError(
                    f"{form.__name__}: messages={{{key!r}: ...}} is never said, because there is "
                    f"no {word!r}.{did_you_mean(word, known)}"
                )


def _hints_of(form: type) -> dict[str, Any]:
    """Return the annotations of a form class and of those that it extends, resolved."""
    hints: dict[str, Any] = {}
    for parent in reversed(form.__mro__):
        if hasattr(parent, "__messages__"):
            hints |= _own_hints(form, parent)
    return hints


def _own_hints(form: type, parent: type) -> dict[str, Any]:
    module = vars(sys.modules[parent.__module__])
    # A default must not hide a type: `date: date | None = None`. And each module is asked by
    # itself, not by get_type_hints(form), in whose lambdas the names of the module are missing.
    own = {
        name: value
        for name, value in vars(parent).items()
        if name not in module and not hasattr(builtins, name)
    }
    try:
        written = type(parent.__name__, (), {"__annotations__": inspect.get_annotations(parent)})
        return get_type_hints(written, module, own, include_extras=True)
    except NameError as error:
        raise FormError(
            f"{form.__name__}: an annotation names {error.name!r}, which {parent.__module__} does "
            f"not have when the form is used. -> import it outside `if TYPE_CHECKING:`"
        ) from error


def _model_of(form: type) -> Any:
    """Return the model in `Form[Model]`, or None."""
    for parent in form.__mro__:
        for base in parent.__dict__.get("__orig_bases__", ()):
            origin, arguments = get_origin(base), get_args(base)
            if isinstance(origin, type) and hasattr(origin, "__messages__") and arguments:
                model = _resolved(arguments[0], parent)
                if isinstance(model, type) and model is not type(None):
                    return model
    return None


def _resolved(argument: Any, form: type) -> Any:
    """Return a class that may have been written as a text: `Form["Product"]`."""
    name = getattr(argument, "__forward_arg__", None)
    if name is None:
        return argument
    found = getattr(sys.modules.get(form.__module__), name, None)
    if found is None:
        raise FormError(f"{form.__name__}: there is no {name!r} in {form.__module__}.")
    return found


def _declaration(form: type, name: str, hint: Any, model: Any) -> Declaration:
    field = f"{form.__name__}.{name}"
    if name in METHODS:
        raise FormError(taken_name(form.__name__, name))
    kind_type, may_be_none, extras = unwrapped(hint)
    _refuse_unknown(field, extras)
    facts = _facts(model, name, kind_type, extras, field)
    least, most = limits_of(extras)
    kind, rows = kind_of(kind_type, extras, facts, least, most, field)
    if facts is not None and kind.input_type == "password":
        raise FormError(
            f"{field} would be saved as it was typed. -> Annotated[str, password, column(None)], "
            f"and save(db, {facts.attribute}=hash_password(form.value.{name}))"
        )
    if rows is not None and facts is not None and _model_of(rows) is None:
        raise FormError(
            f"{field}: {rows.__name__} has no model to save its rows in. "
            f"-> class {rows.__name__}(Form[...])"
        )
    if rows is not None and facts is not None and not facts.orphans_go:
        raise FormError(
            f"{field}: a row that is taken away has to go. "
            f'-> {model.__name__}.{facts.attribute}: relationship(cascade="all, delete-orphan")'
        )
    default = _default(form, name, kind, facts, may_be_none=may_be_none)
    checks = checks_of(extras, kind, facts)
    hints = [extra.sentence for extra in extras if isinstance(extra, Hint)]
    initial = getattr(form, name, MISSING)
    initial = MISSING if initial is None else initial
    way = _way(kind, facts)
    return Declaration(name, kind, default, initial, checks, " ".join(hints), facts, rows, way)


def _way(
    kind: Kind, facts: Facts | None
) -> Literal["text", "moment", "many", "rows", "file", "version"]:
    if facts is not None and facts.is_version:
        return "version"
    if kind.control == "rows":
        return "rows"
    if kind.control == "file":
        return "file"
    if kind.many:
        return "many"
    return "moment" if kind.input_type in ("datetime-local", "time") else "text"


def taken_name(form: str, name: str) -> str:
    """Return the sentence for a field that is called as a method of every form."""
    return (
        f"{form}.{name}: {name!r} is a method of every form. "
        f'-> {name}_: Annotated[..., column("{name}")]'
    )


def _facts(model: Any, name: str, kind_type: Any, extras: list[Any], field: str) -> Facts | None:
    named = next((extra for extra in extras if isinstance(extra, ColumnName)), None)
    attribute = name if named is None else named.name
    is_file = any(isinstance(extra, Accept) for extra in extras) or (
        getattr(kind_type, "__name__", "") == "UploadedFile"
    )
    if model is None or attribute is None or (is_file and named is None):
        return None
    # Imported on use: a form without a model loads no SQLAlchemy.
    from mtvgen.runtime.forms.database.columns import facts_of

    return facts_of(model, attribute, field)


def _default(form: type, name: str, kind: Kind, facts: Facts | None, *, may_be_none: bool) -> Any:
    """Return the value of a field that was left empty: None where its type has it."""
    given = getattr(form, name, MISSING)
    is_null_refused = facts is not None and not facts.may_be_null and not facts.has_default
    if may_be_none and not is_null_refused:
        return None
    if given is not MISSING and given is not None:
        return given
    if kind.many and kind.control != "box":
        return []
    if kind.control == "rows":
        return []
    if kind.control == "box":
        return False
    return MISSING


_EXTRAS = (Accept, Bound, ColumnName, Hint, Marker, Pattern, Rows)


def _refuse_unknown(field: str, extras: list[Any]) -> None:
    for extra in extras:
        if not isinstance(extra, _EXTRAS) and (isinstance(extra, type) or not callable(extra)):
            raise FormError(
                f"{field}: {extra!r} is not an extra of a field. -> pattern(), least(), most(), "
                "rows(), accept(), hint(), column(), textarea, password, or a function that "
                "returns a sentence or None"
            )
