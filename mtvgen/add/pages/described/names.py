"""Names: the words of a model, its plural, and what is secret by its name."""

from __future__ import annotations

import keyword
import re

_PLURALS = {
    "child": "children",
    "foot": "feet",
    "half": "halves",
    "knife": "knives",
    "leaf": "leaves",
    "life": "lives",
    "man": "men",
    "mouse": "mice",
    "news": "news",
    "person": "people",
    "quiz": "quizzes",
    "series": "series",
    "shelf": "shelves",
    "species": "species",
    "woman": "women",
}
_ABBREVIATIONS = {word: word.upper() for word in ("id", "ip", "isbn", "url")}
# Classes of the libraries that views and tests import.
_OTHER_CLASSES = frozenset(
    {"Annotated", "Callable", "Client", "Decimal", "Form", "Listing", "Literal", "Request"}
    | {"Response", "UTC", "UUID"}
)
_SECRET_WORDS = frozenset(
    {"hash", "otp", "passphrase", "passwd", "password", "salt", "secret", "secrets"}
    | {"token", "tokens", "totp"}
)
_SECRET_KEYS = frozenset({"access", "api", "encryption", "private", "session", "signing"})
_ACCOUNT_KEYS = frozenset({"key"})  # what a session of an account carries
_PASSWORDS = frozenset({"passwd", "password", "password_hash", "hashed_password"})


def words_of(name: str) -> list[str]:
    """Return the words of a class or an attribute, in lower case: `BookReview`, `book_review`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word.lower() for word in spaced.split("_") if word]


def plural_of(name: str, table: str) -> str:
    """Return the plural of a model's name, in snake case; the table's name where it is one.

    Args:
        name: The model's name: `Book`, `Category`, `Person`.
        table: Its table's name.
    """
    singular = "_".join(words_of(name))
    is_plural = table.isidentifier() and table != singular and table[:2] == singular[:2]
    if is_plural and len(table) <= len(singular) + 3:
        return table
    first, _, last = singular.rpartition("_")
    return f"{first}_{_plural(last)}" if first else _plural(last)


def _plural(word: str) -> str:
    if not word.isascii():
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("is"):
        return f"{word[:-2]}es"  # analyses
    if re.search(r"(ss|us|x|z|ch|sh)$", word):
        return f"{word}es"
    if word.endswith("s"):
        return word  # details
    return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"


def label_of(name: str) -> str:
    """Return what a page calls a class or an attribute: `sold_from` is `Sold from`."""
    text = " ".join(_ABBREVIATIONS.get(word, word) for word in words_of(name))
    return text[:1].upper() + text[1:]


def local_name(kind: type) -> str:
    """Return what the generated files call a class: `ClientModel`, where `Client` is another one.

    Args:
        kind: A model, or an Enum, which may be in a model.
    """
    root, dot, rest = kind.__qualname__.partition(".")
    return f"{root}Model{dot}{rest}" if root in _OTHER_CLASSES else f"{root}{dot}{rest}"


def variable_of(name: str, taken: frozenset[str]) -> str:
    """Return the variable of a row: `book_review`; `row` where that would mean something else."""
    variable = "_".join(words_of(name))
    return "row" if variable in taken or keyword.iskeyword(variable) else variable


def module_of(plural: str) -> str:
    """Return a name that Python can import."""
    return f"{plural}_" if keyword.iskeyword(plural) else plural


def has_password(attributes: frozenset[str]) -> bool:
    """Return whether a model is an account."""
    return bool(attributes & _PASSWORDS)


def is_secret(attribute: str, attributes: frozenset[str]) -> bool:
    """Return whether an attribute's name says that its value is for nobody's eyes.

    Args:
        attribute: The attribute.
        attributes: All of the model; with a password, `key` is secret too.
    """
    words = words_of(attribute)
    if _SECRET_WORDS & set(words):
        return True
    if words[-1:] == ["key"] and _SECRET_KEYS & set(words[:-1]):
        return True
    return attribute in _ACCOUNT_KEYS and has_password(attributes)
