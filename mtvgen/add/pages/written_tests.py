"""What the tests of a model's pages are filled with."""

from __future__ import annotations

from typing import Any

from mtvgen.add.pages.described.fields import Described
from mtvgen.add.pages.imports import import_line, imports_of_own
from mtvgen.add.pages.rules import Rule
from mtvgen.add.pages.samples import Sample, form_data, sample_of


def values_of_tests(
    described: Described, values: dict[str, Any], rule: Rule | None, user: type | None
) -> dict[str, Any]:
    """Return the values of the template of the tests.

    Args:
        described: The model.
        values: Those of the views.
        rule: Who may use the pages.
        user: The model of the people, if the project's fixtures are those of accounts: a browser
            `client` of somebody who is logged in, and the same one before as `visitor`.
    """
    is_closed = rule is not None and rule.is_closed
    has_visits = user is not None or not is_closed
    sample = sample_of(described.model) if has_visits else None
    names = dict(sample.names) if sample else {}
    role = rule.role if rule else ""
    if user and role:
        names["User"] = user
    has_data = described.has_form and sample is not None
    return {
        **values,
        **_addresses(described, values),
        "imports": _imports(names, sample, has_role=bool(user and role), is_closed=is_closed),
        "sample": [f"row = {sample.source}"] if sample else [],
        "data": form_data(described) if has_data else None,
        "is_refused": described.has_new and any(f.is_required for f in described.edited),
        "client": "editor" if role and user else "client",
        "visitor": "visitor" if user else "client",
        "has_visits": has_visits,
        "closed": _closed(described) if is_closed else [],
        "role": role,
        "by_whom": f" by {_whom(rule)} alone" if rule and is_closed else "",
    }


def _whom(rule: Rule) -> str:
    return f"the role {rule.role}" if rule.role else "whoever is logged in"


def _closed(described: Described) -> list[str]:
    """Return methods and ends of addresses that only some may use, as Python."""
    pages = [("GET", ""), ("GET", "/export.csv")]
    pages += [("GET", "/new"), ("POST", "/new")] * described.has_new
    pages += [("POST", "/1/delete")] * (described.key_kind == "int")
    return [f'("{method}", "{page}")' for method, page in pages]


def _imports(
    names: dict[str, Any], sample: Sample | None, *, has_role: bool, is_closed: bool
) -> str:
    third = [import_line("mtvgen.runtime.testing", ["Client"])]
    if names or is_closed:
        third.insert(0, "import pytest")
    if has_role:
        third.append(import_line("sqlalchemy", ["update"]))
    blocks = [sample.imports if sample else []]
    blocks += [third, imports_of_own(names.values(), database=bool(names))]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _addresses(described: Described, values: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of a row's pages, as Python."""
    row, key = values["row"], f"row.{described.key}"
    if described.key_kind != "text":
        ways = {way: f'f"{{{row}}}/{way}"' for way in ("delete", "edit")}
        address = f"{{ADDRESS}}/{{{key}}}"
    else:
        ways = {way: f'{row}.replace("/row/", "/{way}/")' for way in ("delete", "edit")}
        address = f"{{ADDRESS}}/row/{{{key}}}"
    return {
        "row_address": f'f"{address}"',
        "row_delete": ways["delete"],
        "row_edit": ways["edit"],
    }
