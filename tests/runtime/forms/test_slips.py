"""What is wrong in a form class, or in a call of it, is said before anything is lost."""

from __future__ import annotations

from typing import Annotated

import pytest
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from mtvgen.runtime.forms import Form, FormError, column, password
from mtvgen.runtime.models import Database


class Base(DeclarativeBase):
    """Tables of these tests alone."""


class Part(Base):
    __tablename__ = "slips_part"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    whole_id: Mapped[int] = mapped_column(ForeignKey("slips_whole.id"))


class Whole(Base):
    __tablename__ = "slips_whole"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret: Mapped[str]
    parts: Mapped[list[Part]] = relationship(cascade="all, delete-orphan")


class Typed(Form[Whole]):
    name: str
    secret: Annotated[str, password]


class Hashed(Form[Whole]):
    name: str
    secret: Annotated[str, password, column(None)]


class PartForm(Form):
    name: str


class WholeForm(Form[Whole]):
    name: str
    parts: list[PartForm]


class Said(Form[Whole], messages={"name.takn": "No."}):
    name: str


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (Typed, r"Typed.secret would be saved as it was typed. -> .*column\(None\).*hash_password"),
        (WholeForm, r"WholeForm.parts: PartForm has no model .* -> class PartForm\(Form"),
        (Said, "Said: messages=.*'name.takn'.*no 'takn'. Did you mean 'taken'"),
    ],
)
def test_a_form_class_that_can_only_go_wrong_is_refused(form, message):
    with pytest.raises(FormError, match=message):
        form.of(None)


def test_an_attribute_that_the_model_has_not_is_not_set():
    form = Hashed.of(None)
    form.value = Hashed(name="x", secret="y")  # as if its page had sent this
    with (
        Database("sqlite://").session() as db,
        pytest.raises(FormError, match=r"Whole has no .secrt.\. Did you mean 'secret'"),
    ):
        form.save(db, secrt="hash")
