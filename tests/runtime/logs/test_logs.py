"""JSONFormatter and RequestIdFilter, set up as docs/logging.md tells: by dictConfig()."""

from __future__ import annotations

import io
import json
import logging.config
from contextvars import Context
from datetime import datetime
from decimal import Decimal

import pytest

from mtvgen.runtime.logs import JSONFormatter, RequestIdFilter


@pytest.fixture
def logged():
    """A logger that writes JSON, and a function for what it has written."""
    stream = io.StringIO()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request": {"()": "mtvgen.runtime.logs.RequestIdFilter"}},
            "formatters": {"json": {"()": "mtvgen.runtime.logs.JSONFormatter"}},
            "handlers": {
                "out": {
                    "class": "logging.StreamHandler",
                    "stream": stream,
                    "formatter": "json",
                    "filters": ["request"],
                }
            },
            "loggers": {"test.json": {"handlers": ["out"], "level": "INFO", "propagate": False}},
        }
    )
    yield logging.getLogger("test.json"), stream.getvalue
    logging.getLogger("test.json").handlers.clear()


def test_a_record_is_one_line_of_json(logged):
    log, written = logged
    outside = Context()  # of every request, whatever another test has left open
    outside.run(log.info, "Hello %s\nsecond line", "world", extra={"status": 200, "pattern": None})

    (line,) = written().splitlines()
    record = json.loads(line)
    assert datetime.fromisoformat(record.pop("time")).tzinfo is not None
    assert record == {
        "level": "INFO",
        "logger": "test.json",
        "message": "Hello world\nsecond line",
        "status": 200,
        "pattern": None,
        "request_id": "-",
    }


def test_an_exception_is_in_the_same_line(logged):
    log, written = logged
    try:
        raise ValueError("bad")
    except ValueError:
        log.exception("failed")

    (line,) = written().splitlines()
    assert json.loads(line)["exception"].endswith("ValueError: bad")


def test_a_stack_is_in_the_same_line(logged):
    log, written = logged
    log.info("where", stack_info=True)

    (line,) = written().splitlines()
    assert "test_a_stack_is_in_the_same_line" in json.loads(line)["stack"]


def test_what_json_does_not_know_is_written_as_text(logged):
    log, written = logged
    log.info("price", extra={"price": Decimal("1.50")})

    assert json.loads(written())["price"] == "1.50"


@pytest.mark.parametrize("name", ["time", "level", "logger"])
def test_extra_does_not_overwrite_what_every_line_has(logged, name):
    log, written = logged
    log.info("x", extra={name: "mine"})

    assert json.loads(written())[name] != "mine"


def test_the_filter_keeps_an_id_that_is_there():
    record = logging.makeLogRecord({"request_id": "given"})

    assert RequestIdFilter().filter(record)
    assert record.request_id == "given"


def test_the_moment_is_that_of_the_record():
    record = logging.makeLogRecord({"msg": "x", "created": 1_700_000_000.25})

    assert json.loads(JSONFormatter().format(record))["time"] == "2023-11-14T22:13:20.250Z"
