"""The ids of all problems, which comments and pyproject.toml name to silence them.

An id once given keeps its meaning; docs/checks.md says what each is about.
"""

from __future__ import annotations

TEMPLATES = frozenset(
    {
        "templates.syntax",
        "templates.encoding",
        "templates.unreadable",
        "templates.not-found",
        "templates.inheritance-loop",
        "templates.extends-twice",
        "templates.extends-inside",
        "templates.unknown-block",
        "templates.block-twice",
        "templates.required-block",
        "templates.super-without-parent",
        "templates.unknown-self-block",
        "templates.unknown-filter",
        "templates.unknown-test",
        "templates.import-name",
        "templates.module-attribute",
        "templates.macro-arguments",
        "templates.macro-keyword",
        "templates.macro-missing",
        "templates.macro-no-caller",
        "templates.macro-caller",
        "templates.argument-twice",
        "templates.keyword-twice",
        "templates.no-context",
        "templates.used-before-set",
        "templates.loop-assigned",
        "templates.empty-include",
        "templates.recursion",
        "templates.include-in-macro",
        "templates.unknown-route",
        "templates.url-missing",
        "templates.url-type",
        "templates.url-positional",
        "templates.static-missing",
        "templates.form-method",
        "templates.form-enctype",
        "templates.link-method",
        "templates.unescaped",
        "templates.without-tojson",
        "templates.unknown-attribute",
        "templates.attribute-of-list",
        "templates.unused",
        "templates.unknown-address",
        "templates.content-policy",
        "templates.marked-safe",
        "templates.unquoted",
        "templates.script-address",
        "templates.unclosed",
        "templates.unknown-element",
        "templates.id-twice",
        "templates.label-for",
        "templates.filter-arguments",
        "templates.test-arguments",
        "templates.method-call",
        "templates.super-call",
        "templates.maybe-none",
        "templates.maybe-unset",
        "templates.loop-count",
        "templates.other-framework",
    }
)
VIEWS = frozenset(
    {
        "views.missing-name",
        "views.template-not-found",
        "views.unused-name",
        "views.render-request",
        "views.render-positional",
        "views.not-callable",
        "views.async",
        "views.parameter-request",
        "views.parameter-missing",
        "views.parameter-extra",
        "views.parameter-type",
        "views.unknown-route",
        "views.url-missing",
        "views.url-positional",
        "views.redirect-name",
        "views.redirect-method",
        "views.not-returned",
        "views.no-answer",
        "views.unknown-address",
        "views.wrong-answer",
        "views.not-raised",
        "views.other-framework",
        "views.url-type",
        "views.unknown-attribute",
        "views.unknown-keyword",
        "views.unsaved-attribute",
        "views.python-condition",
        "views.wrong-call",
        "views.wrong-lookup",
        "views.marked-safe",
    }
)
STATIC = frozenset({"static.not-found", "static.content-policy"})
FORMS = frozenset(
    {
        "forms.missing-key",
        "forms.unread-input",
        "forms.unknown-key",
        "forms.nameless-input",
        "forms.file-input",
        "forms.maxlength",
        "forms.required",
        "forms.unchosen",
        "forms.unknown-field",
        "forms.no-column",
        "forms.dead-attribute",
    }
)
URLS = frozenset(
    {
        "urls.unknown-converter",
        "urls.parameter-twice",
        "urls.pattern",
        "urls.method",
        "urls.name-twice",
        "urls.route-twice",
        "urls.access",
        "urls.no-urlpatterns",
    }
)
MODELS = frozenset(
    {
        "models.not-imported",
        "models.datetime",
        "models.default-once",
        "models.mapping",
        "models.not-mapped",
        "models.no-migration",
        "models.behind",
        "models.two-heads",
        "models.migrations",
    }
)
PROJECT = frozenset(
    {
        "project.syntax",
        "project.unreadable",
        "project.import-error",
        "project.undefined-name",
        "project.middleware-needed",
        "project.no-application",
        "project.settings",
        "project.shadowed-module",
    }
)
DEPLOY = frozenset(
    {
        "project.secret-key",
        "project.allowed-hosts",
        "project.debug",
        "project.middleware-missing",
        "project.middleware-order",
        "project.https",
        "project.open-write",
        "project.mail-server",
        "project.database",
        "project.not-migrated",
        "project.database-read-only",
        "project.database-network",
        "project.env-tracked",
    }
)
CHECK = frozenset(
    {
        "check.bug",
        "check.ignore",
        "check.unused-ignore",
        "check.configuration",
    }
)

IDS = TEMPLATES | VIEWS | FORMS | STATIC | URLS | MODELS | PROJECT | DEPLOY | CHECK

# A file that can't be read says nothing else either, a comment in it included.
NEVER_SILENT = frozenset({"templates.syntax", "project.syntax"}) | CHECK
# Whether there is such a problem depends on the machine too, or on what is asked.
NOT_EVERYWHERE = DEPLOY | {"models.behind", "project.settings"}
