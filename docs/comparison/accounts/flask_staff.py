"""Accounts and a staff area in Flask, with its usual packages."""

import os
import smtplib
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import ForeignKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

app = Flask("staff", template_folder=str(Path(__file__).parent / "flask"))
app.config["SECRET_KEY"] = "for this page"  # noqa: S105
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['DATABASE']}"


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(app, model_class=Base)
CSRFProtect(app)
login_manager = LoginManager(app)
login_manager.login_view = "log_in"
serializer = URLSafeTimedSerializer(app.secret_key, salt="reset")


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    is_staff: Mapped[bool] = mapped_column(default=False)


class Author(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Book(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship()


class StaffView(ModelView):
    def is_accessible(self) -> bool:
        return current_user.is_authenticated and current_user.is_staff

    def inaccessible_callback(self, name: str, **kwargs: object) -> Response:
        if current_user.is_authenticated:
            abort(403)
        return login_manager.unauthorized()


class AuthorView(StaffView):
    column_searchable_list = ["name"]


class BookView(StaffView):
    column_filters = ["author"]
    column_searchable_list = ["title"]


admin = Admin(app)
admin.add_view(AuthorView(Author, db))
admin.add_view(BookView(Book, db))


class EmailForm(FlaskForm):
    email = EmailField("Address", [InputRequired(), Length(max=254)])


class NewPasswordForm(FlaskForm):
    password = PasswordField("New password", [InputRequired(), Length(min=8, max=200)])


class AccountForm(EmailForm, NewPasswordForm):
    pass


class LogInForm(EmailForm):
    password = PasswordField("Password", [InputRequired()])


@login_manager.user_loader
def load_user(id: str) -> User | None:
    return db.session.get(User, int(id))


def user_of(email: str) -> User | None:
    return db.session.scalar(db.select(User).filter_by(email=email))


def token_of(user: User) -> str:
    return serializer.dumps([user.id, user.email, user.password_hash[-20:]])


@app.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> Response | str:
    form = AccountForm()
    if form.validate_on_submit():
        password_hash = generate_password_hash(form.password.data)
        db.session.add(User(email=form.email.data, password_hash=password_hash))
        try:
            db.session.commit()
            return redirect(url_for("log_in"))
        except IntegrityError:
            db.session.rollback()
            form.email.errors = ["This address has an account already."]
    return render_template("form.html", title="Sign up", form=form)


@app.route("/login", methods=["GET", "POST"])
def log_in() -> Response | str:
    form = LogInForm()
    if form.validate_on_submit():
        user = user_of(form.email.data)
        if user and check_password_hash(user.password_hash, form.password.data):
            login_user(user)
            target = urlsplit(request.args.get("next", "").replace("\\", "/"))
            is_ours = not target.scheme and not target.netloc and target.path.startswith("/")
            return redirect(target.geturl() if is_ours else "/admin/")
        flash("This address and this password do not belong together.")
    return render_template("form.html", title="Log in", form=form)


@app.post("/logout")
@login_required
def log_out() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("log_in"))


@app.route("/password", methods=["GET", "POST"])
@login_required
def password() -> Response | str:
    form = NewPasswordForm()
    if form.validate_on_submit():
        current_user.password_hash = generate_password_hash(form.password.data)
        db.session.commit()
        return redirect("/admin/")
    return render_template("form.html", title="Change the password", form=form)


@app.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> str:
    form = EmailForm()
    if form.validate_on_submit():
        if user := user_of(form.email.data):
            message = EmailMessage()
            message["From"] = "site@example.org"
            message["To"] = user.email
            message["Subject"] = "Choose another password"
            message.set_content(url_for("reset", token=token_of(user), _external=True))
            with smtplib.SMTP("127.0.0.1", int(os.environ["MAIL_PORT"])) as server:
                server.send_message(message)
        flash("If this address has an account, a mail is on its way.")
    return render_template("form.html", title="Forgotten", form=form)


@app.route("/forgotten/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response | str:
    try:
        id, _, _ = serializer.loads(token, max_age=3600)
    except BadData:
        abort(404)
    user = db.session.get(User, id)
    if user is None or serializer.loads(token) != serializer.loads(token_of(user)):
        abort(404)
    form = NewPasswordForm()
    if form.validate_on_submit():
        user.password_hash = generate_password_hash(form.password.data)
        db.session.commit()
        return redirect(url_for("log_in"))
    return render_template("form.html", title="Choose another password", form=form)


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
    app.run(port=int(os.environ["PORT"]))
