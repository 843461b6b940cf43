"""Prints, as JSON, what a site with accounts does and answers, to known and unknown addresses.

Run in a project: for each page and each address, the kinds of work of one request, in their order,
and the answer without the address.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from sqlalchemy import Engine, event

from mtvgen.runtime.accounts import set_password
from mtvgen.runtime.models import Model
from mtvgen.runtime.testing import Client, cheap_passwords, sent_mail

ADDRESSES = ("known", "unconfirmed", "unknown")
PAGES = ("/login", "/forgotten", "/sign-up")
work: list[str] = []


def note_statement(connection, cursor, statement, *_):
    verb = statement.split()[0]
    work.append("write" if verb in ("INSERT", "UPDATE") else verb)


def note_hash(scrypt):
    def noted(*args, **costs):
        work.append("scrypt")
        return scrypt(*args, **costs)

    return noted


def of_each_request(client, outbox):
    number = 0
    for page in PAGES:
        for name in ADDRESSES:
            for _ in ("the row of guesses is new", "and is there"):
                number += 1
                work.clear()
                answer = client.post(
                    page,
                    data={"email": f"{name}@example.com", "password": "a guess"},
                    environ_overrides={"REMOTE_ADDR": f"10.0.{number}.1"},
                )
                done = [*work, *(["mail"] * len(outbox))]
                outbox.clear()
                forget_the_unknown()
            fields = sorted(field for field, _ in answer.headers)
            text = answer.text.replace(name, "somebody")
            yield page, name, done, [answer.status_code, fields, text]


def forget_the_unknown():
    with database.session() as db:
        db.query(User).filter_by(email="unknown@example.com").delete()


if __name__ == "__main__":
    os.environ.update(SECRET_KEY="the key of a test, and long enough", ALLOWED_HOSTS="localhost")
    sys.path.insert(0, str(Path.cwd()))
    models, application = import_module("models"), import_module("wsgi").application
    User, database = models.User, models.database
    event.listen(Engine, "before_cursor_execute", note_statement)
    event.listen(Engine, "commit", lambda _: work.append("commit"))
    hashlib.scrypt = note_hash(hashlib.scrypt)
    file = Path(sys.argv[1])
    with cheap_passwords(), sent_mail() as outbox, database.temporarily(file):
        Model.metadata.create_all(database.engine)
        with database.session() as db:
            known = User(email="known@example.com", confirmed=datetime.now(UTC))
            set_password(known, "correct horse")
            db.add_all([known, User(email="unconfirmed@example.com")])
        print(json.dumps(list(of_each_request(Client(application), outbox))))
