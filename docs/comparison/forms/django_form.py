"""The form in Django: its class and its view."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django_shop import Product, serve


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = [
            "code",
            "name",
            "text",
            "price",
            "stock",
            "colour",
            "sold_from",
            "listed",
            "maker",
            "tags",
        ]
        widgets = {
            "sold_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "tags": forms.CheckboxSelectMultiple,
        }


def edit(request: HttpRequest, id: int | None = None) -> HttpResponse:
    product = get_object_or_404(Product, id=id) if id else None
    form = ProductForm(request.POST if request.method == "POST" else None, instance=product)
    if form.is_valid():
        return redirect("product", id=form.save().id)
    status = 422 if form.errors else 200
    return render(request, "product.html", {"form": form}, status=status)


if __name__ == "__main__":
    serve(edit)
