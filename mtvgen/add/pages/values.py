"""What the views and templates of a model's pages are filled with."""

from __future__ import annotations

from typing import Any

from mtvgen.add.pages.described.description import converter_of
from mtvgen.add.pages.described.fields import SIMPLE_TYPES, Described, Field, field_name
from mtvgen.add.pages.described.names import label_of, local_name, plural_of, variable_of, words_of
from mtvgen.add.pages.folding import WIDTH, chained
from mtvgen.add.pages.html import cell, link, link_to_all, shown
from mtvgen.add.pages.imports import imports_of, list_line
from mtvgen.runtime.lists.filters import parameter_of

MOST_COLUMNS = 5  # of a list, which has to fit a phone
MACROS = "parts/page_fields.html"
# Names that views and templates of the pages mean something else by.
_TAKEN = frozenset(
    [
        "change",
        "client",
        "columns",
        "create",
        "csv",
        "delete",
        "detail",
        "edit",
        "editor",
        "error",
        "export",
        "field",
        "find",
        "form",
        "found",
        "get_or_404",
        "index",
        "joinedload",
        "load",
        "loop",
        "needs",
        "page",
        "path",
        "question",
        "redirect",
        "render",
        "request",
        "row",
        "rows",
        "select",
        "selectinload",
        "self",
        "static",
        "url_for",
        "urlpatterns",
        "user",
        "visitor",
        "with_parent",
    ]
)


def values_of(described: Described, at: str, module: str) -> dict[str, Any]:
    """Return the values of the templates of a model's views and pages.

    Args:
        described: The model.
        at: The address of the list: `/books`.
        module: The module of the views: `books`.
    """
    model, called, name = described.model, described.model.__name__, local_name(described.model)
    plural = plural_of(called, str(getattr(model, "__tablename__", "")))
    row = variable_of(called, _TAKEN | {called, module})
    parameter = described.parameter
    address = f"<{converter_of(described.key_kind)}:{parameter}>"
    is_text = described.key_kind == "text"
    listed = _listed(described)
    filters = [f for f in described.fields if _is_filter(f)]
    searched = [f for f in described.shown if f.kind in ("text", "long text")]
    singular = " ".join(words_of(called))
    key = {"int": "int", "UUID": "UUID", "text": "str"}[described.key_kind]
    joined = [f"joinedload({name}.{f.name})" for f in described.shown if f.kind == "row"]
    some = [f"selectinload({name}.{f.name})" for f in described.shown if f.kind == "rows"]
    given_key = next((f for f in described.edited if f.is_key and f.kind != "row"), None)
    label = described.label
    values: dict[str, Any] = {
        "model": name,
        "form": f"{called}Form",
        "constant": module.upper(),
        "module": module,
        "folder": module,
        "row": row,
        "key": described.key,
        "parameter": parameter,
        "arguments": f"request: Request, {parameter}: {key}",
        "at": at,
        "singular": singular,
        "plural_label": label_of(plural),
        "plural_words": " ".join(words_of(plural)),
        "doc": "changed, deleted and exported" if described.has_form else "deleted and exported",
        "has_form": described.has_form,
        "has_new": described.has_new,
        "load": joined,
        "csv_load": some,
        "find_load": [*joined, *some],
        "search": [f"{name}.{f.name}" for f in searched],
        "sort": [f"{name}.{f.name}" for f in listed if _is_sorted(f)],
        "filters": [_filter_source(described, f) for f in filters],
        "form_lines": [line for f in described.edited for line in _form_lines(f)],
        "csv": [(f.name, cell(f, row)) for f in described.shown if f.kind != "bytes"],
        "many": [_many(described, f, row) for f in described.many],
        "given_key": given_key and {"field": field_name(given_key), "name": given_key.name},
        "address": f"/row/{address}" if is_text else f"/{address}",
        "address_edit": f"/edit/{address}" if is_text else f"/{address}/edit",
        "address_delete": f"/delete/{address}" if is_text else f"/{address}/delete",
        "pylist": list_line,
        "macros": MACROS,
        "edited": [{"field": field_name(f), "label": f.label} for f in described.edited],
        "title": f"{{{{ {row}.{label} or {row}.{described.key} }}}}",
        "name": f"{{{{ {row}.{label} or {row}.{described.key} }}}}",
        "form_title": f"{{% if {row} %}}Change{{% else %}}New{{% endif %}} {singular}"
        if described.has_new
        else f"Change {singular}",
    }
    values["imports"] = imports_of(described, values)
    values["columns"] = _columns(described, listed, values)
    html_filters = [{"parameter": parameter_of(f.name), "label": f.label} for f in filters]
    return values | {"html_filters": html_filters}


def _listed(described: Described) -> list[Field]:
    """Return the columns of the list: what names a row first, and no long texts."""
    simple = [
        f
        for f in described.shown
        if f.kind not in ("long text", "json", "array", "bytes", "rows", "other")
    ]
    first = [f for f in simple if f.name == described.label]
    rest = [f for f in simple if f.name not in (described.label, described.key)]
    return [*first, *rest][:MOST_COLUMNS]


def filters_of(described: Described) -> tuple[str, ...]:
    """Return the parameters of the filters of the list."""
    return tuple(parameter_of(field.name) for field in described.fields if _is_filter(field))


def addresses_of(values: dict[str, Any]) -> list[str]:
    """Return the patterns of all pages."""
    at = values["at"]
    ends = ["", "/export.csv", values["address"], values["address_delete"]]
    ends += ["/new"] * values["has_new"] + [values["address_edit"]] * values["has_form"]
    return [at + end for end in ends]


def _is_filter(field: Field) -> bool:
    if not field.is_shown:
        return False
    if field.kind == "row":
        return field.is_edited and field.target is not None
    return field.kind in ("bool", "enum", "words")


def _is_sorted(field: Field) -> bool:
    return field.kind != "row"


def _filter_source(described: Described, field: Field) -> str:
    name = f"{local_name(described.model)}.{field.name}"
    if field.kind == "row" and field.target:
        return f"({name}, {local_name(field.target.model)}.{field.target.label})"
    return name


def _many(described: Described, field: Field, row: str) -> dict[str, Any]:
    target = field.target
    if target is None:
        return {}
    name = f"{field.name}_" if field.name in _TAKEN else field.name
    model = local_name(target.model)
    calls = [
        f"select({model})",
        f".where(with_parent({row}, {local_name(described.model)}.{field.name}))",
        f".order_by({model}.{target.key}.desc())",
        ".limit(SHOWN)",
    ]
    return {
        "name": name,
        "label": field.label,
        "html": link(target, "one"),
        "all": link_to_all(target, f"{row}.{described.key}"),
        "statement": chained(name, calls),
    }


def _form_lines(field: Field) -> list[str]:
    extras = []
    if field.least is not None:
        extras.append(f"least({_limit(field, field.least)})")
    if field.most is not None:
        extras.append(f"most({_limit(field, field.most)})")
    if field.target:
        extras.append(f'rows("{field.target.label}")')
    name = field_name(field)
    if name != field.name:
        extras.append(f'column("{field.name}")')
    kind = _type_of(field)
    text = f"Annotated[{kind}, {', '.join(extras)}]" if extras else kind
    default = field.default
    if field.kind == "bool" and default is None:
        default = "False"
    if default == "None":
        text = f"{text} | None"
    line = f"{name}: {text}" + (f" = {default}" if default is not None else "")
    if len(line) + 4 <= WIDTH:
        return [line]
    tail = line[line.rindex("]") + 1 :]
    return [f"{name}: Annotated[", f"    {kind}, {', '.join(extras)}", f"]{tail}"]


def _limit(field: Field, number: str) -> str:
    return number if field.kind == "int" or "." not in number else f'Decimal("{number}")'


def _type_of(field: Field) -> str:
    if field.target:
        name = local_name(field.target.model)
        return f"list[{name}]" if field.kind == "rows" else name
    if field.kind == "enum":
        return local_name(field.enum)
    if field.kind == "words":
        return "Literal[" + ", ".join(f'"{word}"' for word in field.enum) + "]"
    if field.kind == "bool" and field.is_nullable:
        return "Literal[True, False]"
    return SIMPLE_TYPES[field.kind]


def _columns(described: Described, listed: list[Field], values: dict[str, Any]) -> Any:
    row, module = values["row"], values["module"]
    address = f'{{{{ url_for("{module}.detail", {values["parameter"]}={row}.{described.key}) }}}}'
    columns = [
        {
            "name": f.name,
            "label": f.label,
            "is_sorted": _is_sorted(f),
            "is_number": f.kind in ("int", "Decimal", "float"),
            "html": shown(f, row),
        }
        for f in listed
    ]
    title = f'<a href="{address}">{values["title"]}</a>'
    first = {"name": described.key, "label": label_of(described.key), "is_sorted": True}
    if columns and columns[0]["name"] == described.label:
        columns[0]["html"] = title
        return columns
    return [{**first, "is_number": False, "html": title}, *columns]


def values_of_detail(described: Described, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that the page of a row has besides."""
    fields = [
        {"label": f.label, "is_long": f.kind == "long text", "html": shown(f, values["row"])}
        for f in described.shown
    ]
    return {"fields": fields}
