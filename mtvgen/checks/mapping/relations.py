"""Relations that lead nowhere: without a foreign key, to no such model, back by no such name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy.exc import NoForeignKeysError
from sqlalchemy.orm import Mapper, RelationshipProperty

from mtvgen.checks.mapping.written_attributes import written_attribute
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow, meant_by

KIND = "models.mapping"


def relation_problem(error: Exception, frames: Iterable[FrameType], root: Path) -> Problem | None:
    """Return the problem of a relation that SQLAlchemy was looking at; None for other errors.

    Args:
        error: What SQLAlchemy has raised.
        frames: Its frames, the innermost first.
        root: The project's directory.
    """
    relations = (frame.f_locals.get("self") for frame in frames)
    for relation in relations:
        if isinstance(relation, RelationshipProperty):
            find = _without_key if isinstance(error, NoForeignKeysError) else _without_counterpart
            if (problem := find(error, relation, root)) is not None:
                return problem
    return None


def _without_key(
    error: Exception, relation: RelationshipProperty[Any], root: Path
) -> Problem | None:
    """Two models without a foreign key: it belongs in the one of which there are many."""
    is_of_many = relation.uselist is not False
    parent, child = relation.mapper, relation.parent
    if is_of_many:
        parent, child = child, parent
    name = relation.back_populates or parent.class_.__name__.lower()
    key = name if is_of_many else relation.key
    written = written_attribute(child.class_, key, root)
    shown = written_attribute(relation.parent.class_, relation.key, root)
    written = written if relation.back_populates or not is_of_many else shown
    if written is None:
        return None
    target = f"{getattr(parent.local_table, 'name', '')}.{parent.primary_key[0].name}"
    place = f"in {child.class_.__name__}: " if is_of_many and not relation.back_populates else ""
    cure = f'{place}{key}_id: Mapped[int] = mapped_column(ForeignKey("{target}"))'
    problem = does_not_fit(error, written.module.place(written.name))
    return replace(problem, advice=arrow(cure))


def _without_counterpart(
    error: Exception, relation: RelationshipProperty[Any], root: Path
) -> Problem | None:
    """`back_populates="notes"` of a relation to a model that has no relation of that name."""
    word = relation.back_populates
    if not isinstance(word, str) or "mapper" not in vars(relation):
        return None
    other, own = relation.mapper, relation.parent
    written = written_attribute(own.class_, relation.key, root)
    if written is None or other.has_property(word):
        return None
    place = written.place_of_word(word) or written.module.place(written.name)
    if meant := meant_by(word, _relations_of(other)):
        return does_not_fit(error, place, meant)
    kind = own.class_.__name__ if relation.uselist else f'list["{own.class_.__name__}"]'
    kind = f'"{kind}"' if relation.uselist else kind
    back = f'relationship(back_populates="{relation.key}")'
    cure = f"in {other.class_.__name__}: {word}: Mapped[{kind}] = {back}"
    return replace(does_not_fit(error, place), advice=arrow(cure))


def _relations_of(mapper: Mapper[Any]) -> Iterator[str]:
    """Yield the names of a model's relations; `mapper.relationships` would fail once more."""
    for name, value in vars(mapper.class_).items():
        if isinstance(getattr(value, "prop", None), RelationshipProperty):
            yield name


def names_of_models(frames: Iterable[FrameType]) -> list[str]:
    """Return what relations may lead to, where SQLAlchemy was looking for one."""
    for frame in frames:
        relation = frame.f_locals.get("self")
        if isinstance(relation, RelationshipProperty):
            return [mapper.class_.__name__ for mapper in relation.parent.registry.mappers]
    return []


def does_not_fit(error: Exception, place: Place, meant: str = "") -> Problem:
    """Return the problem of what SQLAlchemy's own sentence says."""
    message = f"the models don't fit together: {' '.join(str(error).split()).rstrip('.')}."
    return Problem(KIND, place, message, meant=meant)
