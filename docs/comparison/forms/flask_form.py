"""The form in Flask, with Flask-WTF: its class and its view."""

from flask import redirect, render_template, url_for
from flask_shop import Maker, Product, Tag, app, db, serve
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

CODE = Regexp("^[A-Z]{2}-[0-9]+$", message="Two capitals, a dash, digits: AB-12.")


class ProductForm(FlaskForm):
    code = StringField("Code", [InputRequired(), Length(max=20), CODE])
    name = StringField("Name", [InputRequired(), Length(max=80)])
    text = TextAreaField("Text")
    price = DecimalField("Price", [InputRequired(), NumberRange(0, 999_999)])
    stock = IntegerField("In stock", [InputRequired(), NumberRange(0, 2**31 - 1)], default=0)
    colour = SelectField("Colour", choices=[("RED", "red"), ("BLUE", "blue")])
    sold_from = DateField("Sold from", [Optional()])
    listed = BooleanField("Listed")
    maker_id = SelectField("Maker", coerce=int)
    tag_ids = SelectMultipleField(
        "Tags", coerce=int, widget=widgets.ListWidget(), option_widget=widgets.CheckboxInput()
    )


@app.route("/new", methods=["GET", "POST"])
@app.route("/<int:id>", methods=["GET", "POST"], endpoint="product")
def edit(id: int | None = None) -> Response | tuple[str, int]:
    product = db.get_or_404(Product, id) if id else Product()
    form = ProductForm(obj=product)
    form.maker_id.choices = [(m.id, m.name) for m in db.session.scalars(db.select(Maker))]
    form.tag_ids.choices = [(t.id, t.name) for t in db.session.scalars(db.select(Tag))]
    if not form.is_submitted():
        form.tag_ids.data = [tag.id for tag in product.tags]
    elif form.validate():
        for name in ("code", "name", "text", "price", "stock", "colour", "sold_from", "listed"):
            setattr(product, name, form[name].data)
        product.maker_id = form.maker_id.data
        chosen = db.select(Tag).where(Tag.id.in_(form.tag_ids.data or []))
        product.tags = list(db.session.scalars(chosen))
        db.session.add(product)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            form.code.errors = [*form.code.errors, "This is taken already."]
        else:
            return redirect(url_for("product", id=product.id))
    return render_template("product.html", form=form), 422 if form.errors else 200


if __name__ == "__main__":
    serve()
