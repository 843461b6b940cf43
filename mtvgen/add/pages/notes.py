"""What the pages of a model do not do, as sentences for whoever has added them."""

from __future__ import annotations

from collections.abc import Iterator

from mtvgen.add.pages.described.fields import Described, Field, Kind

_WHY: dict[Kind, str] = {
    "json": "JSON",
    "bytes": "bytes",
    "UUID": "a UUID",
    "array": "an array",
    "other": "forms have no field of its type",
    "row": "found by several columns",
}


def notes_of(described: Described) -> Iterator[str]:
    """Yield a sentence for what is shown and not edited, or not even shown."""
    model = described.model.__name__
    if described.is_account:
        yield f"{model} has a password, so its rows are shown and deleted, and not edited."
        return
    if not described.has_form:
        yield f"{model} gets no form, because it has no column to fill in."
    given = [field.name for field in described.fields if field.is_given]
    if given and described.has_form:
        names = " and ".join(given)
        yield f"Rows can't be added here, because they need {names}, which forms have no field for."
    left_out = [field for field in described.fields if _is_left_out(field)]
    if left_out:
        names = ", ".join(f"{field.name} ({_WHY[field.kind]})" for field in left_out)
        yield f"Shown and not in the form: {names}."
    hidden = [
        field.name for field in described.fields if not field.is_shown and not field.is_version
    ]
    if hidden:
        yield f"Not shown, because of the name: {', '.join(hidden)}."
    if described.hybrids:
        yield f"Not shown, because Python computes it: {', '.join(described.hybrids)}."


def _is_left_out(field: Field) -> bool:
    is_other = field.is_edited or field.is_key or field.is_elsewhere
    return field.is_shown and not is_other and field.kind in _WHY
