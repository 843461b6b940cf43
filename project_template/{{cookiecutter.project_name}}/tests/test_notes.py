"""The example's tests. Delete them with views/notes.py."""

import pytest
from mtvgen.runtime.testing import Client


def test_a_note_is_saved_listed_and_has_a_page(client: Client) -> None:
    response = client.post("/notes", data={"text": "Buy milk"}, follow_redirects=True)

    assert response.request.path == "/notes"
    assert "Saved." in response.text
    assert "Buy milk" in client.get("/notes").text
    assert "Buy milk" in client.get("/notes/1").text


def test_the_message_is_shown_once(client: Client) -> None:
    client.post("/notes", data={"text": "Buy milk"}, follow_redirects=True)

    assert "Saved." not in client.get("/notes").text


def test_a_note_without_text_or_with_too_much_is_not_saved(client: Client) -> None:
    for text in ["  ", "x" * 501]:
        response = client.post("/notes", data={"text": text}, follow_redirects=True)

        assert "A note has 1 to 500 characters." in response.text
        assert "Nothing yet." in response.text


def test_each_test_begins_without_notes(client: Client) -> None:
    assert "Nothing yet." in client.get("/notes").text
    assert "holds 0 notes" in client.get("/").text


def test_a_note_is_text_and_never_html(client: Client) -> None:
    client.post("/notes", data={"text": "<b>loud</b>"})

    assert "<b>" not in client.get("/notes").text


@pytest.mark.parametrize("address", ["/notes/1", "/notes/9223372036854775807", "/notes/one"])
def test_a_note_that_is_not_there_is_a_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
