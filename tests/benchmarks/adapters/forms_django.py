"""The form of five fields in Django."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

if not settings.configured:
    settings.configure(USE_I18N=False)


class ProductForm(forms.Form):
    name = forms.CharField(max_length=80)
    text = forms.CharField(max_length=500, required=False)
    stock = forms.IntegerField(min_value=0)
    price = forms.DecimalField(max_digits=8, decimal_places=2, min_value=0)
    listed = forms.BooleanField(required=False)


def reader(typed: dict[str, str]) -> Callable[[], Any]:
    """What is timed: the values, or how many fields have a mistake."""
    data = QueryDict(mutable=True)
    data.update(typed)

    def call() -> Any:
        form = ProductForm(data)
        if not form.is_valid():
            return len(form.errors)
        values = form.cleaned_data
        return values["name"], values["stock"], values["price"], values["listed"]

    return call
