"""Who there is. Only this file speaks to the database."""

import sqlite3
from dataclasses import dataclass

database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE person (name TEXT PRIMARY KEY, age INTEGER NOT NULL)")
database.executemany(
    "INSERT INTO person VALUES (?, ?)", [("Morra", 18), ("Ada", 36), ("孙悟空", 500)]
)


@dataclass(frozen=True)
class Person:
    """Somebody with a name and an age."""

    name: str
    age: int


def everybody():
    """All people, the youngest first."""
    rows = database.execute("SELECT name, age FROM person ORDER BY age")
    return [Person(*row) for row in rows]


def find(name):
    """The person of that name, or None."""
    row = database.execute("SELECT name, age FROM person WHERE name = ?", [name]).fetchone()
    return row and Person(*row)
