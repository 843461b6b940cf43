"""Expressions of templates and of Python that show a field of a row."""

from __future__ import annotations

from mtvgen.add.pages.described.fields import Field, Target
from mtvgen.runtime.lists.filters import parameter_of


def shown(field: Field, row: str) -> str:
    """Return the template's source for a field of a row."""
    value = f"{row}.{field.name}"
    if field.kind == "row" and field.target:
        return _if(f"{{% if {value} %}}", link(field.target, value), field.is_nullable)
    if field.kind == "rows" and field.target:
        return f'{{{{ {value}|map(attribute="{field.target.label}")|join(", ") }}}}'
    text = _EXPRESSIONS.get(field.kind, "{value}").format(value=value)
    if field.kind == "enum":
        text = f"{value}.{enum_part(field)}"
    if field.kind == "Decimal" and field.scale is None:
        # SQLite gives it back with ten digits behind the point.
        text = f'"{{:f}}".format({value}.normalize())'
    return _if(f"{{% if {value} is not none %}}", f"{{{{ {text} }}}}", field.is_nullable)


_EXPRESSIONS = {
    "bool": '"Yes" if {value} else "No"',
    "datetime": '{value}|localtime("%Y-%m-%d %H:%M")',
    "naive datetime": '{value}.strftime("%Y-%m-%d %H:%M")',
    "time": '{value}.strftime("%H:%M")',
    "json": "{value}|tojson",
    "array": '{value}|join(", ")',
    "bytes": '{value}|length ~ " bytes"',
}


def enum_part(field: Field) -> str:
    """Return what a form shows of a member: its value where all are texts, otherwise its name."""
    return "value" if all(isinstance(one.value, str) for one in field.enum) else "name"


def link(target: Target, value: str) -> str:
    """Return the label of a row, as a link where it has a page."""
    text = f"{{{{ {value}.{target.label} }}}}"
    pages = target.pages
    if pages is None:
        return text
    address = f'url_for("{pages.detail}", {pages.parameter}={value}.{target.key})'
    return f'<a href="{{{{ {address} }}}}">{text}</a>'


def link_to_all(target: Target, key: str) -> str | None:
    """Return the link to the rows that lead to one, if their list has a filter for it."""
    pages, parameter = target.pages, parameter_of(target.way_back)
    if pages is None or parameter not in pages.filters:
        return None
    return f'{{{{ url_for("{pages.index}", {parameter}={key}) }}}}'


def cell(field: Field, row: str) -> str:
    """Return the Python expression for a cell of the CSV file."""
    value = f"{row}.{field.name}"
    if field.kind == "row" and field.target:
        return (
            f"{value} and {value}.{field.target.label}"
            if field.is_nullable
            else (f"{value}.{field.target.label}")
        )
    if field.kind == "rows" and field.target:
        return f'", ".join(str(one.{field.target.label}) for one in {value})'
    if field.kind == "array":
        text = f'", ".join(map(str, {value}))'
        return f"{value} and {text}" if field.is_nullable else text
    return value


def _if(condition: str, text: str, is_nullable: bool) -> str:
    return f"{condition}{text}{{% endif %}}" if is_nullable else text
