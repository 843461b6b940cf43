"""The rest of the shop in Django: its tables, and how it is served."""

import os
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.validators import MinValueValidator, RegexValidator
from django.db import connection, models
from django.http import HttpResponse
from django.urls import URLPattern, path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django_shop"],
    ROOT_URLCONF="django_shop",
    SECRET_KEY="for this page",  # noqa: S106
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "django"],
        }
    ],
    USE_I18N=False,
)
django.setup()


class Maker(models.Model):
    """Who makes a product."""

    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word about products."""

    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Ten columns for a form."""

    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[RegexValidator("^[A-Z]{2}-[0-9]+$", "Two capitals, a dash, digits: AB-12.")],
    )
    name = models.CharField(max_length=80)
    text = models.TextField(blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, validators=[MinValueValidator(0)])
    stock = models.IntegerField(default=0, validators=[MinValueValidator(0)])
    colour = models.CharField(max_length=4, choices={"RED": "red", "BLUE": "blue"})
    sold_from = models.DateField(null=True, blank=True)
    listed = models.BooleanField(default=False)
    maker = models.ForeignKey(Maker, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag, blank=True)


urlpatterns: list[URLPattern] = []


def serve(edit: Callable[..., HttpResponse]) -> None:
    """Make the tables, a maker and two tags, and serve the form."""
    urlpatterns[:] = [path("new", edit), path("<int:id>", edit, name="product")]
    with connection.schema_editor() as editor:
        for model in (Maker, Tag, Product):
            editor.create_model(model)
    Maker.objects.create(name="Ada")
    Tag.objects.bulk_create([Tag(name="green"), Tag(name="warm")])
    call_command("runserver", os.environ["PORT"], use_reloader=False, skip_checks=True)
