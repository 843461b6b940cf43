"""A site with the runtime's parts of accounts, by hand."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mtvgen.runtime import Application, path, signed_sessions
from mtvgen.runtime.accounts import (
    GuessColumns,
    check_password,
    forget_guesses,
    may_guess,
    normalize_email,
    read_token,
    set_password,
    sign_token,
)
from mtvgen.runtime.models import database_session


class Model(DeclarativeBase):
    pass


class User(Model):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]


class Guess(GuessColumns, Model):
    __tablename__ = "guess"


def named(db, email):
    return db.scalars(select(User).where(User.email == email)).one_or_none()


def log_in(request):
    email = normalize_email(request.form["email"])
    if not may_guess(request, Guess, email):
        return "too often"
    if not check_password(request.db, named(request.db, email), request.form["password"]):
        return "wrong"
    forget_guesses(request, Guess, email)
    return "right"


def forgotten(request):
    return sign_token(request, named(request.db, request.form["email"]), "reset", minutes=30)


def reset(request):
    user = read_token(request, User, request.form["token"], "reset")
    if user is None or not set_password(user, request.form["password"]):
        return "dead"
    return "set"


def account_site(database, key="a key"):
    return Application(
        [
            path("/log-in", log_in, methods=["POST"]),
            path("/forgotten", forgotten, methods=["POST"]),
            path("/reset", reset, methods=["POST"]),
        ],
        middleware=[database_session(database), signed_sessions(key)],
    )
