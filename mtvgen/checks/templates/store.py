"""The templates of a project: found, read and parsed once for each version of a file."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Container, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import jinja2
from jinja2.loaders import split_template_path

from mtvgen.checks.files import Stamp, is_directory
from mtvgen.checks.places import Place, Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.report import Problem, Related
from mtvgen.checks.templates.compile_errors import Refusal, refusals, syntax_problem
from mtvgen.checks.templates.parsing.repair import repaired
from mtvgen.checks.templates.parsing.tokens import Tokens
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree

# Files of other kinds below templates/ are checked only if something names them.
TEXT_SUFFIXES = frozenset(
    {".html", ".htm", ".xhtml", ".xml", ".svg", ".txt", ".text", ".md", ".rst", ".css", ".js"}
    | {".json", ".csv", ".jinja", ".jinja2", ".j2", ".tpl", ".tmpl", ".ics", ".rss", ".atom"}
)


class Store:
    """All templates below some directories, by name.

    Args:
        environment: The project's own, so that its tags, filters and delimiters are known.
        directories: Where templates are looked for, in order; none: the environment's loader is
            asked, and what it does not find may still exist.
        root: The project's directory; problems show paths below it.
        elsewhere: The names of templates that exist without a file of these directories; None
            where any name may be one.
        files: Open texts, over the disk.
        parsed: A store of the same files, parsed with the same options: its templates are taken.

    Attributes:
        files: The same.
        version: Counts the times that something had changed.
        changed: The names of the templates that had, the last time.
    """

    def __init__(
        self,
        environment: jinja2.Environment,
        directories: Sequence[Path],
        root: Path,
        elsewhere: Container[str] | None = (),
        files: ProjectFiles | None = None,
        parsed: Store | None = None,
    ) -> None:
        self.environment = environment
        self.directories = tuple(directories)
        self.root = root
        self._elsewhere = elsewhere
        self.files = files or ProjectFiles()
        self.version = 0
        self.changed: frozenset[str] = frozenset()
        # What those were walked as before.
        self._walked_before: dict[str, Stamp] = {}
        self._files: dict[str, tuple[str, Stamp]] = {}
        taken = parsed.loaded() if parsed is not None else ()
        self._templates: dict[str, Template] = {template.name: template for template in taken}

    @property
    def complete(self) -> bool:
        """Whether a template that is not found does not exist."""
        return bool(self.directories)

    def refresh(self) -> None:
        """Look at the files again; what has not changed stays parsed."""
        files: dict[str, tuple[str, Stamp]] = {}
        for directory in reversed(self.directories):
            start = len(str(directory)) + 1
            for path in self.files.list(directory):
                files[path[start:].replace(os.sep, "/")] = (path, self._version(path))
        looked_for = [name for name in self._files if name not in files]
        files |= {name: self._look_for(name) for name in looked_for}
        if files != self._files:
            # As a whole `!=` is much faster, and mostly nothing has changed.
            changed = files.items() ^ self._files.items()
            self.changed = frozenset(name for name, _ in changed)
            self._walked_before = {name: self._last_walked_as(name) for name in self.changed}
            self._files = files
            self.version += 1
            self.__dict__.pop("rewalked", None)

    @cached_property
    def rewalked(self) -> frozenset[str]:
        """The names of those that had changed the last time, and that a walk sees as others."""
        before = self._walked_before
        return frozenset(name for name in self.changed if before[name] != self.walked_as(name))

    def is_as_at(self, version: int, names: Collection[str]) -> bool:
        """Return whether some templates are as they were at an earlier version, without a look.

        Mostly one other template has changed since. False says no more than that it is not known.
        """
        if not self.complete:
            return False
        is_next = version == self.version - 1 and self.changed.isdisjoint(names)
        return is_next or version == self.version

    def names(self) -> list[str]:
        """Return the names of all templates that were found, sorted."""
        return sorted(name for name, (_, stamp) in self._files.items() if stamp is not None)

    def texts(self) -> Iterator[str]:
        """Return the names of the files that are templates by their suffix."""
        return (name for name in self.names() if _suffix(name) in TEXT_SUFFIXES)

    def sources(self) -> list[str]:
        """Return the text of each template."""
        templates = (self.get(name) for name in self.names())
        return [template.source for template in templates if template is not None]

    def loaded(self) -> Iterator[Template]:
        """Yield the templates that were read, in the versions that are on the disk."""
        for name, template in self._templates.items():
            if template.stamp == self.stamp(name):
                yield template

    def stamp(self, name: str) -> Stamp:
        """Return the version of a template that is on the disk."""
        if name not in self._files and self.complete:
            self._files[name] = self._look_for(name)
        return self._files[name][1] if name in self._files else (0, 0)

    def walked_as(self, name: str) -> Stamp:
        """Return the version of a template that is on the disk, as a walk sees it."""
        template = self.get(name)
        return template.walked_as if template is not None else self.stamp(name)

    def _last_walked_as(self, name: str) -> Stamp:
        """Return the version of a template as a walk has seen it before the last look."""
        template, stamp = self._templates.get(name), self._files.get(name, ("", None))[1]
        is_last = template is not None and template.stamp == stamp
        return template.walked_as if template is not None and is_last else stamp

    def get(self, name: str) -> Template | None:
        """Return a template; None if there is none of that name."""
        template, file = self._templates.get(name), self._files.get(name)
        if template is not None and file is not None and template.stamp == file[1]:
            return template  # as thousands of times in each run
        stamp = self.stamp(name)
        if template is not None and template.stamp == stamp:
            return template
        before, template = template, self._load(name, stamp) if stamp is not None else None
        if template is not None:
            is_walked = before is not None and before.has_same_tags(template)
            template.walked_as = before.walked_as if before and is_walked else template.stamp
        if template is None and (self._elsewhere is None or name in self._elsewhere):
            template = Template(name, name, stamp)  # it exists, and can't be looked at
        if template is not None:
            self._templates[name] = template
        return template

    def last(self, name: str) -> Template | None:
        """Return a template as it was read last, whether or not it has changed since."""
        return self._templates.get(name)

    def parsed(self, name: str, text: str) -> Template:
        """Return a template of a text that is being typed, repaired, which is not kept."""
        template = Template(name, self.file_of(name), None, environment=self.environment)
        self._parse(template, text)
        self._repair(template)
        return template

    def resolve(self, name: str, parent: str) -> str:
        """Return the name that a template means when it names another."""
        return self.environment.join_path(name, parent)

    def file_of(self, name: str) -> str:
        """Return the file of a template, as problems show it; its name if there is none."""
        template = self.get(name)
        return template.file if template is not None else name

    def tokens(self, name: str) -> Tokens:
        """Return the places of a template's parts."""
        template = self.get(name)
        return template.tokens if template is not None else Template(name, name, None).tokens

    def read_as(self, template: Template, text: str) -> Template:
        """Return what a template would be with another text; it stays what it is."""
        other = Template(template.name, template.file, None, environment=self.environment)
        self._parse(other, text)
        return other

    def _look_for(self, name: str) -> tuple[str, Stamp]:
        """Templates in linked directories are not listed, and found all the same."""
        try:
            parts = split_template_path(name)
        except jinja2.TemplateNotFound:
            return name, None
        for directory in self.directories:
            path = str(directory.joinpath(*parts))
            version = self._version(path)
            if version is not None and (self.files.is_open(path) or not is_directory(path)):
                return path, version
        return name, None

    def _version(self, path: str) -> Stamp:
        stamp = self.files.stamp(path)
        if stamp is None and (os.path.islink(path) or not _may_look_at(path)):  # noqa: PTH114
            return (0, 0)  # it is there, or may be, and can't be read: that is a problem
        return stamp

    def _load(self, name: str, stamp: Stamp) -> Template | None:
        if not self.complete:
            return self._load_from_loader(name, stamp)
        path = Path(self._files[name][0])
        file = self._path_in_project(path)
        # Not the version of the last look: between two runs an editor asks, and somebody types.
        version = self._version(str(path))
        template = Template(name, file, version, environment=self.environment)
        content = b""
        try:
            content = self.files.read(path)
            source = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = _place_of_byte(file, content[: error.start])
            template.problems.append(Problem("templates.encoding", place, "is not UTF-8."))
        except OSError as error:
            if error.errno != errno.EFBIG:  # what is as large as that is data
                message = f"can't be read: {error.strerror}."
                template.problems.append(Problem("templates.unreadable", Place.at(file), message))
        else:
            self._parse(template, source)
            if self.files.is_open(path):
                self._repair(template)
        return template

    def _path_in_project(self, path: Path) -> str:
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    def _load_from_loader(self, name: str, stamp: Stamp) -> Template | None:
        loader = self.environment.loader
        if loader is None:
            return None
        try:
            source, file, _ = loader.get_source(self.environment, name)
        except (jinja2.TemplateNotFound, OSError, UnicodeDecodeError):
            return None
        path = self._path_in_project(Path(file)) if file else name
        template = Template(name, path, stamp, environment=self.environment)
        self._parse(template, source)
        return template

    def _parse(self, template: Template, source: str) -> None:
        template.source = source
        try:
            tree = Tree(self.environment.parse(source, template.name, template.file))
            refused = [
                Problem(
                    f"templates.{refusal.kind}",
                    template.place(refusal.node),
                    refusal.message,
                    related=_already_there(template, refusal),
                )
                for refusal in refusals(tree)
            ]
            template.problems += refused
            template.tree = None if refused else tree
        except jinja2.TemplateSyntaxError as error:
            template.problems.append(
                syntax_problem(Text(template.file, source), self.environment, error)
            )
        except RecursionError:
            message = "is nested too deeply to be compiled."
            place = Place.at(template.file)
            template.problems.append(Problem("templates.syntax", place, message))

    def _repair(self, template: Template) -> None:
        """Read what somebody types as far as it makes sense."""
        is_refused = any(problem.id != "templates.syntax" for problem in template.problems)
        if template.tree is not None or is_refused:
            return
        text = Text(template.file, template.source).with_plain_line_ends()
        template.repaired = repaired(text, self.environment)
        if template.repaired is not None:
            template.tree = Tree(template.repaired.root)
            refused = (template.place(one.node) for one in refusals(template.tree))
            if not all(map(template.is_repaired, refused)):
                template.tree = None


def _already_there(template: Template, refusal: Refusal) -> tuple[Related, ...]:
    if refusal.first is None:
        return ()
    return (Related(template.place(refusal.first), "has this name already"),)


def _place_of_byte(file: str, before: bytes) -> Place:
    """Return the place of a byte that is not text, by what is before it."""
    text = Text(file, before.decode("utf-8-sig", "ignore"))
    return text.place(len(text.text), len(text.text))


def _may_look_at(path: str | Path) -> bool:
    """Return whether this user may find out what is at a path."""
    try:
        os.stat(path)  # noqa: PTH116
    except PermissionError:
        return False
    except OSError:
        pass
    return True


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > name.rfind("/") else ""
