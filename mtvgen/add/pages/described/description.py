"""Description: from a mapped class to the fields of its pages. SQLAlchemy is asked here alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Column,
    Table,
    inspect,
)
from sqlalchemy.ext.hybrid import HybridExtensionType
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty

from mtvgen.add.pages.described.columns import (
    default_of,
    enum_of,
    has_default,
    is_typed,
    kind_of,
    limits_of,
)
from mtvgen.add.pages.described.fields import Described, Field, Kind, PagesOf, Target
from mtvgen.add.pages.described.names import has_password, is_secret, label_of
from mtvgen.errors import UsageError

_LABELS = ("name", "title", "label", "subject", "code", "slug", "email", "username", "text")
_KEYS: dict[Kind, str] = {"int": "int", "UUID": "uuid", "text": "path"}


def describe(model: type, pages_of: PagesOf) -> Described:
    """Return what a model's pages need to know of it.

    Args:
        model: A mapped class.
        pages_of: Returns the pages of a model, if the project has some.

    Raises:
        UsageError: Its pages can't be generated.
    """
    mapper: Mapper[Any] = inspect(model)
    key = _key_of(mapper)
    names = frozenset(mapper.attrs.keys())
    columns = [_column_field(mapper, attribute) for attribute in _own_columns(mapper)]
    relations = [_relation_field(mapper, one, pages_of) for one in _relations(mapper)]
    fields = [one for one in (*columns, *relations) if one.name in names]
    by_name = {one.name: one for one in fields}
    ordered = [by_name[name] for name in _order(mapper) if name in by_name]
    shown = [one for one in ordered if not is_secret(one.name, names)]
    hidden = [one for one in ordered if is_secret(one.name, names)]
    needed = [_hidden(one) for one in hidden]
    many = tuple(one for one in shown if one.kind == "rows" and not one.is_edited)
    rest = tuple(one for one in shown if one not in many)
    kind = by_name[key].kind if key in by_name else kind_of(mapper, mapper.primary_key[0])
    if kind not in _KEYS:
        raise UsageError(
            f"{model.__name__}.{key} is a key that no address can hold.",
            cure="write the pages by hand, or give the model an id: "
            "id: Mapped[int] = mapped_column(primary_key=True)",
        )
    return Described(
        model,
        key,
        kind,
        _label_of(mapper),
        (*rest, *needed),
        many,
        has_password(names),
        hybrids=tuple(_hybrids(mapper)),
    )


def _hybrids(mapper: Mapper[Any]) -> Iterator[str]:
    for name, descriptor in mapper.all_orm_descriptors.items():
        if descriptor.extension_type is HybridExtensionType.HYBRID_PROPERTY:
            yield str(name)


def converter_of(kind: Kind) -> str:
    """Return the converter of a key in an address."""
    return _KEYS[kind]


def _hidden(one: Field) -> Field:
    return Field(one.name, one.label, one.kind, is_shown=False, is_given=one.is_required)


def _key_of(mapper: Mapper[Any]) -> str:
    if len(mapper.primary_key) != 1:
        names = ", ".join(mapper.get_property_by_column(c).key for c in mapper.primary_key)
        raise UsageError(
            f"{mapper.class_.__name__} has a key of several columns ({names}), and an address "
            "has room for one.",
            cure="give it an id of its own, or write its pages by hand",
        )
    return mapper.get_property_by_column(mapper.primary_key[0]).key


def _label_of(mapper: Mapper[Any]) -> str:
    """Return the attribute that rows are shown by: a name, otherwise the first text or the key."""
    attributes = frozenset(mapper.attrs.keys())
    texts = [
        name
        for name in _texts(mapper)
        if not is_secret(name, attributes) and not name.startswith("_")
    ]
    named = [name for name in _LABELS if name in texts]
    return next(iter([*named, *texts]), _key_of(mapper))


def _texts(mapper: Mapper[Any]) -> Iterator[str]:
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        is_text = isinstance(column, Column) and kind_of(mapper, column) == "text"
        if is_text and column is not mapper.polymorphic_on:
            yield attribute.key


def _order(mapper: Mapper[Any]) -> list[str]:
    """Return the attributes in the order in which the classes have them, parents first."""
    order: list[str] = []
    for parent in reversed(mapper.class_.__mro__):
        order += [name for name in vars(parent).get("__annotations__", {}) if name not in order]
        order += [name for name in vars(parent) if name in mapper.attrs and name not in order]
    # A relationship comes where its column is.
    for relation in mapper.relationships:
        own = [c for c in relation.local_columns if c.foreign_keys]
        if not relation.uselist and own and relation.key in order:
            column = mapper.get_property_by_column(own[0]).key
            if column in order:
                order.remove(relation.key)
                order.insert(order.index(column), relation.key)
    return order


def _own_columns(mapper: Mapper[Any]) -> Iterator[ColumnProperty[Any]]:
    """Yield the columns that are fields: not the key of an account, not a discriminator."""
    covered = {
        column
        for relation in _relations(mapper)
        if not relation.uselist
        for column in relation.local_columns
        if column.foreign_keys and len(relation.local_remote_pairs) == 1
    }
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        is_discriminator = any(column is mapper.polymorphic_on for column in attribute.columns)
        if attribute.key.startswith("_") or is_discriminator or column in covered:
            continue
        yield attribute


def _relations(mapper: Mapper[Any]) -> Iterator[RelationshipProperty[Any]]:
    for relation in mapper.relationships:
        if not relation.key.startswith("_") and not relation.viewonly:
            yield relation


def _column_field(mapper: Mapper[Any], attribute: ColumnProperty[Any]) -> Field:
    name, column = attribute.key, attribute.columns[0]
    if not isinstance(column, Column):
        return Field(name, label_of(name), kind_of(mapper, column))
    kind = kind_of(mapper, column)
    is_key = any(one in mapper.primary_key for one in attribute.columns)
    if not is_key and column.foreign_keys:
        _refuse_bare_key(mapper, name, column)
    is_version = mapper.version_id_col is column
    default = default_of(column, kind)
    is_edited = is_typed(column, kind, is_key=is_key, default=default) or is_version
    has_value = column.nullable or has_default(column) or _counts(mapper, column, is_key)
    is_needed = not has_value and not is_version
    least, most = limits_of(column)
    if column.nullable or (default is None and has_default(column)):
        default = "None"
    return Field(
        name,
        label_of(name),
        kind,
        is_nullable=bool(column.nullable),
        is_edited=is_edited,
        is_required=is_needed and default is None,
        is_given=is_needed and not is_edited,
        is_shown=not is_version,
        default=None if kind == "bool" and not column.nullable and default == "None" else default,
        least=least,
        most=most,
        length=getattr(column.type, "length", None) if kind == "text" else None,
        scale=getattr(column.type, "scale", None),
        enum=enum_of(column.type),
        is_version=is_version,
        is_key=is_key,
    )


def _counts(mapper: Mapper[Any], column: Column[Any], is_key: bool) -> bool:
    """Return whether a key is filled in by the database, or by the row of a parent class."""
    key = mapper.primary_key[0]
    table = key.table
    return is_key and isinstance(table, Table) and table.autoincrement_column is key


def _refuse_bare_key(mapper: Mapper[Any], name: str, column: Column[Any]) -> None:
    for key in column.foreign_keys:
        for other in mapper.registry.mappers:
            if other.local_table is key.column.table and len(other.primary_key) == 1:
                model, far = mapper.class_.__name__, other.class_.__name__
                line = f"{name.removesuffix('_id')}: Mapped[{far}] = relationship()"
                raise UsageError(
                    f"{model}.{name} refers to {far}, and no relationship of {model} leads there.",
                    cure=f"below {name}: {line}",
                )


def _relation_field(
    mapper: Mapper[Any], relation: RelationshipProperty[Any], pages_of: PagesOf
) -> Field:
    name, other = relation.key, relation.mapper
    is_simple = len(other.primary_key) == 1
    key = _key_of(other) if is_simple else other.get_property_by_column(other.primary_key[0]).key
    target = Target(
        other.class_,
        key,
        _label_of(other) if is_simple else key,
        pages_of(other.class_) if is_simple else None,
        relation.back_populates or _way_back(relation),
    )
    if relation.uselist:
        is_edited = relation.secondary is not None and is_simple and _is_owner(relation)
        return Field(name, label_of(name), "rows", is_edited=is_edited, target=target)
    own = [column for column in relation.local_columns if column.foreign_keys]
    is_here = relation.direction.name == "MANYTOONE"
    is_nullable = not is_here or all(column.nullable for column in own)
    is_edited = is_here and is_simple and len(relation.local_remote_pairs) == 1
    is_key = any(column in mapper.primary_key for column in own)
    needs = is_here and not is_nullable
    return Field(
        name,
        label_of(name),
        "row",
        is_nullable=is_nullable,
        is_edited=is_edited,
        is_required=needs,
        is_given=needs and not is_edited,
        default="None" if is_nullable else None,
        target=target,
        is_key=is_key,
        is_elsewhere=not is_here,
    )


def _way_back(relation: RelationshipProperty[Any]) -> str:
    """Return the relationship of the other model that has the same foreign key, if it has one."""
    for other in relation.mapper.relationships:
        if other is not relation and other.local_remote_pairs == [
            (far, near) for near, far in relation.local_remote_pairs
        ]:
            return str(other.key)
    return ""


def _is_owner(relation: RelationshipProperty[Any]) -> bool:
    """Return whether the table in between names this side first: one side has the boxes.

    The other one would have a box for each row that there is.
    """
    if relation.lazy in ("dynamic", "write_only"):
        return False
    others = [
        one
        for one in relation.mapper.relationships
        if one.secondary is relation.secondary and one is not relation
    ]
    table = relation.secondary
    if not others or not isinstance(table, Table):
        return True
    first = next((column for column in table.columns if column.foreign_keys), None)
    return relation.synchronize_pairs[0][1] is first
