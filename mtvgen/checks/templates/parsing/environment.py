"""The environments that templates are parsed with: the project's own, with numbered tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.lexer import TokenStream
from jinja2.tests import TESTS

from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.templates.parsing.marks import marked


class MarkingEnvironment(jinja2.Environment):
    """An environment whose parser numbers the tokens: each node's `lineno` is a mark.

    Attributes:
        parsed: Trees by their texts, of which another process has parsed them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.parsed: dict[str, nodes.Template] = {}

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        source = self.preprocess(source, name, filename)
        tokens = self.lexer.tokeniter(source, name, filename, state)
        stream = TokenStream(self.lexer.wrap(marked(tokens), name, filename), name, filename)
        for extension in self.iter_extensions():
            filtered: Any = extension.filter_stream(stream)
            is_stream = isinstance(filtered, TokenStream)
            stream = filtered if is_stream else TokenStream(filtered, name, filename)
        return stream

    def parse(
        self, source: str, name: str | None = None, filename: str | None = None
    ) -> nodes.Template:
        """Return a template's tree.

        Raises:
            TemplateSyntaxError: Its `lineno` is a mark; Jinja2 would write as many line ends for it
                into a traceback that nobody reads.
        """
        return self.parsed.pop(source, None) or self._parse(source, name, filename)


def parsing_environment(fact: EnvironmentFact) -> MarkingEnvironment:
    """Return an environment that parses as the project's own does, without its names.

    Raises:
        ImportError: An extension of the project's own can't be had outside its process.
    """
    return MarkingEnvironment(**fact.options)


def take_names(environment: jinja2.Environment, fact: EnvironmentFact) -> None:
    """Have an environment know the filters and tests of another one, besides Jinja2's own.

    Args:
        environment: One whose options are the same, and which may have known others.
        fact: The other one.
    """
    environment.filters = _known(environment.filters, FILTERS, fact.filters)
    environment.tests = _known(environment.tests, TESTS, fact.tests)


def _known(
    before: Mapping[str, Any], defaults: Collection[str], names: Collection[str]
) -> dict[str, Any]:
    return {name: before.get(name, _absent) for name in (*defaults, *names)}


def _absent(*_: object) -> None:
    """Stands in for a filter or a test of the project's, whose name is all that is asked for."""
