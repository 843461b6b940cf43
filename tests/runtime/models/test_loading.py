"""SQLAlchemy is loaded without asyncio, which is there as soon as somebody needs it."""

from __future__ import annotations

import subprocess
import sys

# Each function in a fork of its own, so that it is the first that needs asyncio.
FIRST_USES = """
import os, sys
import mtvgen.runtime.models

async def answer():
    return 42

def all_others_import_the_real_one():
    import asyncio
    import asyncio.events
    return asyncio.run(answer()), asyncio.events.__name__

def sqlalchemy_asks_what_is_a_coroutine():
    from sqlalchemy.util.concurrency import iscoroutine
    coroutine = answer()
    coroutine.close()
    return iscoroutine(coroutine), iscoroutine(42)

def sqlalchemy_asks_what_is_a_cancellation():
    from sqlalchemy.util.concurrency import is_cancellation_exception
    import asyncio
    return [is_cancellation_exception(error()) for error in (asyncio.CancelledError, KeyError)]

def a_pool_has_an_asynchronous_queue():
    from sqlalchemy.util.queue import AsyncAdaptedQueue
    queue = AsyncAdaptedQueue()
    queue.put_nowait("one")
    return queue.get_nowait()

def the_extension_is_imported():
    import sqlalchemy.ext.asyncio
    return sqlalchemy.ext.asyncio.AsyncSession.__name__

def a_statement_fails():
    from sqlalchemy import exc, text
    try:
        with mtvgen.runtime.models.Database("sqlite://").session() as db:
            db.execute(text("SELECT missing"))
    except exc.OperationalError as error:
        return error.orig

for use in [value for value in [*globals().values()] if callable(value) and value is not answer]:
    if not os.fork():
        assert "asyncio" not in sys.modules
        print(use.__name__, use(), sys.modules["asyncio"].__spec__.name)
        sys.exit()
    os.wait()
"""


def test_whoever_needs_asyncio_has_it() -> None:
    assert output(FIRST_USES).splitlines() == [
        "all_others_import_the_real_one (42, 'asyncio.events') asyncio",
        "sqlalchemy_asks_what_is_a_coroutine (True, False) asyncio",
        "sqlalchemy_asks_what_is_a_cancellation [True, False] asyncio",
        "a_pool_has_an_asynchronous_queue one asyncio",
        "the_extension_is_imported AsyncSession asyncio",
        "a_statement_fails no such column: missing asyncio",
    ]


def test_asyncio_that_is_there_already_stays() -> None:
    program = (
        "import asyncio, sys\n"
        "import mtvgen.runtime.models, sqlalchemy.util.concurrency as concurrency\n"
        "print(concurrency.asyncio is asyncio is sys.modules['asyncio'])"
    )
    assert output(program) == "True"


def test_the_collector_looks_at_nothing_that_was_loaded() -> None:
    program = (
        "import gc, mtvgen.runtime.models\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 20 * len(gc.get_objects()))"
    )
    assert output(program) == "True True"


def test_a_collector_that_was_off_stays_off() -> None:
    program = "import gc; gc.disable(); import mtvgen.runtime.models; print(gc.isenabled())"
    assert output(program) == "False"


def output(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
