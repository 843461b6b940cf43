"""Accounts and a staff area in Django: what is typed after `django-admin startproject`."""

from django_site import serve  # as a new project: first of all, its settings

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.forms import UserCreationForm
from django.db import models
from django.urls import include, path, reverse_lazy
from django.views.generic import CreateView

settings.LOGIN_REDIRECT_URL = "/admin/"
settings.EMAIL_HOST = "127.0.0.1"


class Author(models.Model):
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=200)
    year = models.IntegerField()
    author = models.ForeignKey(Author, models.PROTECT)

    def __str__(self) -> str:
        return self.title


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    search_fields = ["name"]


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "year", "author"]
    list_filter = ["author"]
    search_fields = ["title"]


class SignUpForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        fields = ["username", "email"]


class SignUp(CreateView):
    form_class = SignUpForm
    template_name = "registration/sign_up.html"
    success_url = reverse_lazy("login")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("sign-up", SignUp.as_view()),
]

if __name__ == "__main__":
    serve(urlpatterns)
