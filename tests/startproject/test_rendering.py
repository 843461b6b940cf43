"""A template in memory is what cookiecutter's own `generate_files()` makes of it on the disk."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config

from mtvgen.bundled import bundled
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
    "extensions, the first after other texts": (
        {
            "a.txt": b"{{ cookiecutter.project_name }}",
            "b.txt": b"{% now 'utc', '%Y' %}",
            "c.txt": b"{{ uuid4()|length }} {{ random_ascii_string(3)|length }}",
        },
        {},
    ),
    "extensions in a name": ({"{{ 'A b' | slugify }}.txt": b"1"}, {}),
    "settings": (
        {"a.txt": b"{{ cookiecutter }}"},
        {
            "slug": "{{ cookiecutter.project_name | slugify }}",
            "choice": ["a", "b"],
            "yes": True,
            "_taken": "{{ as it is }}",
            "__rendered": "{{ cookiecutter.choice }}",
            "words": {"{{ cookiecutter.choice }}": "{{ cookiecutter.slug }}"},
            "__prompts__": {"choice": "Which?"},
        },
    ),
    "settings that are not rendered": (
        {"a.txt": b"{{ cookiecutter }}"},
        {"_taken": "{{ as it is }}", "_more": ["{{ x }}"]},
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
    template = bundled("project_template")

    assert as_values(render_project(template, "site")) == on_the_disk(template, tmp_path)


def extended(folder: Path, settings: dict[str, Any] | None = None) -> Path:
    """A template with an extension of its own, next to its cookiecutter.json."""
    of_its_own = {"_extensions": ["local_ext.loud"], **(settings or {})}
    template = make(folder, {"a.txt": b"{{ cookiecutter.project_name | loud }}"}, of_its_own)
    (template / "local_ext.py").write_text(
        "from cookiecutter.utils import simple_filter\n\n"
        f"@simple_filter\ndef loud(text):\n    return text.upper() + {folder.name!r}\n"
    )
    return template


def test_a_template_s_own_extensions_are_its_own_and_leave_nothing(tmp_path):
    for name in ("one", "two"):  # of the same name, in the same process
        template = extended(tmp_path / name)
        before = sorted(template.rglob("*"))

        assert render_project(template, "site").files["a.txt"].content == f"SITE{name}".encode()
        assert sorted(template.rglob("*")) == before
    assert str(template) not in sys.path


@pytest.mark.parametrize(
    "choice",
    [
        {"templates": {"b": {"path": "./deep/b", "title": "B"}, "a": {"path": "a"}}},
        {"template": ["The second letter (deep/b)", "The first (./a)"]},
    ],
    ids=["named", "older"],
)
def test_of_several_templates_the_first_is_taken_and_the_others_are_known(tmp_path, choice):
    for name in ("a", "deep/b"):
        (tmp_path / name).mkdir(parents=True)
        extended(tmp_path / name)
    (tmp_path / "cookiecutter.json").write_text(json.dumps(choice))

    project = render_project(tmp_path, "site")
    assert project.files["a.txt"].content == b"SITEb"
    assert project.template is not None
    assert project.template.folder == tmp_path / "deep/b"
    assert project.template.others == (tmp_path / "a",)


def test_a_template_in_a_template_may_hold_several_too(tmp_path):
    inner = extended(tmp_path / "one/two")
    (tmp_path / "one/cookiecutter.json").write_text('{"templates": {"two": {"path": "two"}}}')
    (tmp_path / "cookiecutter.json").write_text('{"templates": {"one": {"path": "one"}}}')

    project = render_project(tmp_path, "site")
    assert project.template is not None
    assert (project.template.folder, project.template.others) == (inner, ())


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("../x", r"cookiecutter\.json: the template '\.\./x' is not inside the template"),
        ("/etc", r"cookiecutter\.json: the template '/etc' is not inside the template"),
        (".", "is a template itself"),
        ("nowhere", "nowhere' has no cookiecutter.json"),
    ],
)
def test_a_template_in_a_template_is_inside_it(tmp_path, path, problem):
    (tmp_path / "cookiecutter.json").write_text(json.dumps({"templates": {"a": {"path": path}}}))

    with pytest.raises(TemplateError, match=problem):
        render_project(tmp_path, "site")


@pytest.mark.parametrize(
    "files",
    [
        {"sub/b.txt": b"a\ncaf\xe9\n"},
        {"a.txt": b"{% include 'sub/b.txt' %}", "sub/b.txt": b"\n\xe9"},
    ],
    ids=["file", "included"],
)
def test_a_text_that_is_not_utf8_is_named_with_its_line(tmp_path, files):
    template = make(tmp_path / "template", files, {})

    with pytest.raises(TemplateError, match=r"^sub/b\.txt:2: is not UTF-8: save it so, or name it"):
        render_project(template, "site")


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
