"""The example's tests. Delete them with views/hello.py."""

import pytest
from mtvgen.runtime.testing import Client


@pytest.mark.parametrize("name", ["Ada", "Grace Hopper", "世界"])
def test_the_page_greets_whoever_the_address_names(client: Client, name: str) -> None:
    assert f"Hello, {name}!" in client.get(f"/hello/{name}").text


def test_a_name_is_text_and_never_html(client: Client) -> None:
    assert "<b>" not in client.get("/hello/<b>Ada").text
