"""Values as PostgreSQL has them, each read in a way that gives NULL where a cast would fail."""

from __future__ import annotations

from mtvgen.runtime.migrations.schema.sql_text import literal
from mtvgen.runtime.migrations.values.kinds import Kind

_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")
_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE = "(Z|[+-][0-9]{2}:[0-9]{2})"

# No expression says whether a text is JSON before version 16 (IS JSON); a function of this
# session can try.
IS_JSON = "mtvgen_is_json"
IS_JSON_FUNCTION = f"""
CREATE OR REPLACE FUNCTION pg_temp.{IS_JSON}(value text) RETURNS boolean AS $$
BEGIN PERFORM value::json; RETURN value IS NOT NULL;
EXCEPTION WHEN invalid_text_representation THEN RETURN false;
END $$ LANGUAGE plpgsql IMMUTABLE
"""


class PostgreSQLValues:
    """PostgreSQL's way to read and write values."""

    def to_text(self, kind: Kind, c: str) -> str:
        """Return a value, written."""
        if kind.family == "date":
            return f"to_char({c}, 'YYYY-MM-DD')"
        if kind.family == "time":
            return _with_fraction(f"{c}::interval", "HH24:MI:SS")
        if kind.family == "datetime":
            return _with_fraction(c, "YYYY-MM-DD HH24:MI:SS")
        if kind.family == "instant":
            return f"({_with_fraction(_at_utc(c), 'YYYY-MM-DD HH24:MI:SS')} || '+00:00')"
        if kind.family == "uuid":
            return f"{c}::text::uuid::text"  # 32 digits get their dashes
        if kind.family == "json":
            return f"coalesce({c} #>> '{{}}', {c}::text)"
        if kind.family == "binary":
            return f"convert_from({c}, 'UTF8')"
        return f"{c}::text"

    def from_text(self, kind: Kind, c: str) -> str:
        """Return a value, read; NULL where it can't be."""
        t = f"btrim({c})"
        if kind.family == "boolean":
            true, false = (f"lower({t}) IN {_among(words)}" for words in (_TRUE, _FALSE))
            return f"(CASE WHEN {true} THEN TRUE WHEN {false} THEN FALSE END)"
        if kind.family == "integer":
            number = f"(CASE WHEN {t} ~ '^[+-]?[0-9]{{1,18}}$' THEN {t}::bigint END)"
            return self.to_integer(kind, number)
        if kind.family in ("decimal", "float"):
            number = f"(CASE WHEN {t} ~ '{_NUMBER}' THEN {t}::numeric END)"
            if kind.family == "decimal" and kind.scale is not None:
                number = self.rounded(number, kind.scale)
            return self.cast(kind, number)
        if kind.family == "date":
            return f"(CASE WHEN {_is_date(t)} THEN substr({t}, 1, 10)::date END)"
        if kind.family == "time":
            return f"(CASE WHEN {t} ~ '^{_TIME}$' THEN {t}::time END)"
        if kind.family == "datetime":
            return f"(CASE WHEN {_is_date(t)} THEN {_at_utc(_instant(t))} END)"
        if kind.family == "instant":
            return f"(CASE WHEN {_is_date(t)} THEN {_instant(t)} END)"
        if kind.family == "uuid":
            digits = f"translate({t}, '-{{}}', '')"
            value = f"(CASE WHEN {digits} ~ '^[0-9a-fA-F]{{32}}$' THEN {digits}::uuid END)"
            return f"replace({value}::text, '-', '')" if kind.is_hex else value
        if kind.family == "interval":
            return f"(CASE WHEN {t} ~ '^([0-9]+ days? )?{_TIME}$' THEN {t}::interval END)"
        return f"convert_to({c}, 'UTF8')" if kind.family == "binary" else self.cast(kind, c)

    def cast(self, kind: Kind, c: str) -> str:
        """Return the same value under the new type; a number that has no room is NULL."""
        if kind.family == "decimal" and kind.precision is not None:
            limit = f"1e{kind.precision - (kind.scale or 0)}"
            return f"(CASE WHEN abs({c}) < {limit} THEN ({c})::{kind.sql} END)"
        return f"({c})::{kind.sql}"

    def stored(self, kind: Kind, c: str) -> str:
        """Return a default, as a column of that kind keeps it."""
        return self.cast(kind, c)

    def rounded(self, c: str, digits: int) -> str:
        """Return a number with so many digits behind its point."""
        return f"round({c}::numeric, {digits})"

    def to_integer(self, kind: Kind, c: str) -> str:
        """Return a number without digits behind its point; NULL where it is too large."""
        least, most = -(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1
        return f"(CASE WHEN {c} BETWEEN {least} AND {most} THEN ({c})::{kind.sql} END)"

    def midnight(self, c: str) -> str:
        """Return the moment at which a date begins."""
        return f"{c}::timestamp"

    def is_midnight(self, c: str) -> str:
        """Return whether a date begins at a moment."""
        return f"{c}::time = '00:00'"

    def date_of(self, c: str) -> str:
        """Return the date of a moment."""
        return f"{c}::date"

    def time_of(self, c: str) -> str:
        """Return the time of a moment."""
        return f"{c}::time"

    def moment(self, old: Kind, new: Kind, c: str) -> str:
        """Return a moment with or without its zone, which is UTC."""
        return c if old.family == new.family else _at_utc(c)

    def json_of_text(self, kind: Kind, c: str) -> str:
        """JSON if a text is some, or the text as a JSON string."""
        parsed = f"{c}::{kind.sql}"
        return f"(CASE WHEN pg_temp.{IS_JSON}({c}) THEN {parsed} ELSE to_json({c})::{kind.sql} END)"

    def json_of_value(self, old: Kind, new: Kind, c: str) -> str:
        """Return a number or a truth as JSON."""
        return f"to_json({c})::{new.sql}"

    def leading_zero(self, c: str) -> str:
        """Return whether a text that is a number begins with a zero too many: 007."""
        return f"(btrim({c}) ~ '^[+-]?0[0-9]')"


_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"


def _among(words: tuple[str, ...]) -> str:
    return f"({', '.join(map(literal, words))})"


def _at_utc(c: str) -> str:
    """Return a moment with a zone as one without, and the other way round."""
    return f"({c} AT TIME ZONE 'UTC')"


def _with_fraction(c: str, form: str) -> str:
    whole = f"date_trunc('second', {c}) = {c}"
    return f"(CASE WHEN {whole} THEN to_char({c}, '{form}') ELSE to_char({c}, '{form}.US') END)"


def _is_date(t: str) -> str:
    """Return whether a text is a day that exists, followed by a time or by nothing."""
    month = f"(substr({t}, 1, 7) || '-01')::date"
    days = f"date_part('day', {month} + interval '1 month' - interval '1 day')"
    # Each CASE lets the next condition see only what it can cast.
    return (
        f"(CASE WHEN {t} ~ '^{_DATE}([ T]{_TIME}{_ZONE}?)?$' AND substr({t}, 1, 4) <> '0000' "
        f"THEN substr({t}, 9, 2)::integer <= {days} END)"
    )


def _instant(t: str) -> str:
    """Return a moment in UTC, but for one that names its zone."""
    has_zone = f"{t} ~ '{_ZONE}$' AND length({t}) > 10"
    return f"(CASE WHEN {has_zone} THEN {t}::timestamptz ELSE {_at_utc(f'{t}::timestamp')} END)"
