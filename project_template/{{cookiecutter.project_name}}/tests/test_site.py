"""Tests of the whole site."""

from mtvgen.checks import assert_no_problems
from mtvgen.runtime.migrations import migration_state
from mtvgen.runtime.testing import Client


def test_the_home_page_answers(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"


def test_an_unknown_address_gets_the_page_for_it(client: Client) -> None:
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert "Page not found" in response.text


def test_the_style_sheet_is_served(client: Client) -> None:
    assert client.get("/static/style.css").status_code == 200


def test_the_migrations_hold_every_change_of_the_models(client: Client) -> None:
    from models import database
    from settings import settings

    assert migration_state(database, settings.root / "migrations").messages == ()


def test_models_templates_views_and_urls_fit_together(client: Client) -> None:
    assert_no_problems()
