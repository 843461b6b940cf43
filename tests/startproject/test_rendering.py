"""A template in memory is what cookiecutter's own `generate_files()` makes of it on the disk."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config

from mtvgen.startproject.create import bundled_template
from mtvgen.startproject.rendering import RenderedProject, TemplateError, render_project

TEMPLATES: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "texts": ({"a.txt": b"{{ cookiecutter.project_name }}\n", "b.txt": b"", "c": b"no end"}, {}),
    "line ends": (
        {
            "dos.txt": b"{{ cookiecutter.project_name }}\r\nb\r\n",
            "mixed.txt": b"a\nb\r\nc\n",
            "mac.txt": b"a\rb\r",
            "none.txt": b"a",
            "first.txt": b"a\r\nb\n",
        },
        {},
    ),
    "line ends of the template's own": ({"a.txt": b"a\nb\r\n"}, {"_new_lines": "\r\n"}),
    "bytes": ({"logo.png": b"\x89PNG\r\n\x1a\n\0{{ nope }}", "latin.bin": b"\xff\xfe\0\0\n"}, {}),
    "names": (
        {
            "{{cookiecutter.project_name}}/{{cookiecutter.project_name}}.txt": b"1",
            "{{cookiecutter.deep}}/x.txt": b"2",
            "{% if cookiecutter.yes == 'y' %}kept.txt{% endif %}": b"3",
            "{% if cookiecutter.yes == 'n' %}left-out.txt{% endif %}": b"4",
            "sub/{% if cookiecutter.yes == 'n' %}left-out.txt{% endif %}": b"5",
            "\u7f51\u7ad9.txt": "\u4f60\u597d".encode(),
        },
        {"deep": "a/b", "yes": "y"},
    ),
    "copies": (
        {
            "pages/{{page}}/a.html": b"{{ copied }}",
            "pages/b.html": b"{{ copied }}",
            "raw.txt": b"{{ copied }}\r\n",
            "sub/raw.txt": b"{{ cookiecutter.project_name }}",
            "{{cookiecutter.project_name}}-raw/x.html": b"{{ copied }}",
        },
        {"_copy_without_render": ["pages", "raw.txt", "*-raw"]},
    ),
    "includes": (
        {"a.txt": b"{% include 'sub/b.txt' %}{% include 'sub/./b.txt' %}", "sub/b.txt": b"b"},
        {},
    ),
    "extensions": (
        {"a.txt": b"{{ 'A b' | slugify }} {{ {'a': 1} | jsonify }} {% if true %}x{% endif %}"},
        {"_jinja2_env_vars": {"trim_blocks": True}},
    ),
}


def make(folder: Path, files: dict[str, bytes], settings: dict[str, Any]) -> Path:
    for name, content in files.items():
        file = folder / "{{cookiecutter.project_name}}" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if name == "a.txt" else 0o640)
    (folder / "cookiecutter.json").write_text(json.dumps({"project_name": "x", **settings}))
    return folder


def on_the_disk(template: Path, place: Path) -> dict[str, tuple[bytes, int]]:
    """What cookiecutter itself makes."""
    context = generate_context(
        str(template / "cookiecutter.json"), extra_context={"project_name": "site"}
    )
    context["cookiecutter"] = prompt_for_config(context, no_input=True)
    root = Path(generate_files(template, context, place, accept_hooks=False))
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def as_values(project: RenderedProject) -> dict[str, tuple[bytes, int]]:
    return {name: (file.content, file.mode) for name, file in project.files.items()}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_file_is_what_cookiecutter_makes(tmp_path, name):
    template = make(tmp_path / "template", *TEMPLATES[name])

    assert as_values(render_project(template, "site")) == on_the_disk(template, tmp_path)


def test_mtvgen_s_own_template_is_what_cookiecutter_makes(tmp_path):
    template = bundled_template()

    assert as_values(render_project(template, "site")) == on_the_disk(template, tmp_path)


def test_shared_templates_beside_the_folder_can_be_included(tmp_path):
    template = make(tmp_path / "template", {"a.txt": b"{% include 'shared.txt' %}"}, {})
    (template / "templates").mkdir()
    (template / "templates" / "shared.txt").write_text("shared")

    assert as_values(render_project(template, "site")) == on_the_disk(template, tmp_path)


def test_a_folder_without_a_file_is_a_folder_all_the_same(tmp_path):
    template = make(tmp_path / "template", {"a.txt": b""}, {})
    (
        template / "{{cookiecutter.project_name}}" / "uploads" / "{{cookiecutter.project_name}}"
    ).mkdir(parents=True)

    assert render_project(template, "site").folders == ("uploads", "uploads/site")


@pytest.mark.parametrize(
    ("files", "settings", "problem"),
    [
        ({"a.txt": b"", "{{cookiecutter.b}}": b""}, {"b": "a.txt"}, "two files are called 'a.txt'"),
        ({"a/x": b"", "{{cookiecutter.b}}/y": b""}, {"b": "a"}, "two folders are called 'a'"),
        ({"a": b"", "{{cookiecutter.b}}/y": b""}, {"b": "a/c"}, "'a' is a file and a folder"),
        ({"a/x": b"", "{{cookiecutter.b}}/y": b""}, {"b": "a/x"}, "'a/x' is a file and a folder"),
        ({"{{cookiecutter.b}}/y": b""}, {"b": ""}, "'' is not inside the project"),
        ({"a.txt": b"x"}, {"_new_lines": "x"}, "illegal newline value"),
    ],
)
def test_names_that_can_not_be_together_are_the_template_s_fault(
    tmp_path, files, settings, problem
):
    template = make(tmp_path / "template", files, settings)

    with pytest.raises(TemplateError, match=problem):
        render_project(template, "site")
