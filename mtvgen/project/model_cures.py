"""Models that SQLAlchemy refuses when their class is made: what to write instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

_MODELS = "mtvgen.runtime.models"
# What a class of a model may annotate without its being a column.
_NO_COLUMN = re.compile(r"(?:\w+\.)*(?:Mapped|DynamicMapped|WriteOnlyMapped|ClassVar)\b")


def cure_of_model(error: BaseException) -> str:
    """Return what a model lacks, as it follows `->`; empty for any other mistake.

    Args:
        error: What the import of the project's models has raised.
    """
    model = _model_in_the_making(error)
    return next(_cures(model), "") if model is not None else ""


def _model_in_the_making(error: BaseException) -> Any:
    """Return the class whose definition has failed; None if no model's has."""
    if _MODELS not in sys.modules:
        return None
    found, traceback = None, error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        is_of_model = frame.f_globals.get("__name__") == _MODELS
        if is_of_model and frame.f_code.co_name == "__init_subclass__":
            found = frame.f_locals.get("cls")
        traceback = traceback.tb_next
    return found


def _cures(model: Any) -> Iterator[str]:
    name = model.__name__
    if not hasattr(model, "__tablename__") and not hasattr(model, "__table__"):
        yield f'below "class {name}(Model):" write __tablename__ = "{_table_of(name)}"'
    table = vars(model).get("__table__")
    if table is not None and not table.primary_key.columns:
        yield f"{name} needs a primary key: id: Mapped[int] = mapped_column(primary_key=True)"
    for attribute, annotation in vars(model).get("__annotations__", {}).items():
        written = annotation if isinstance(annotation, str) else _written(annotation)
        if table is None and not _NO_COLUMN.match(written) and not attribute.startswith("_"):
            yield f"a column is written {attribute}: Mapped[{written}]"


def _table_of(name: str) -> str:
    """`BlogEntry` is `blog_entry`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _written(annotation: Any) -> str:
    is_plain = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    return annotation.__name__ if is_plain else str(annotation).replace("typing.", "")
