"""Language, health, errors, the style guide."""

import json
import re

import pytest
from django.db.utils import OperationalError
from django.test import Client, RequestFactory
from django.utils.translation import override

from perfmgmt.web import errors, views

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.django_db]


def test_language_is_remembered_and_the_page_kept(client: Client) -> None:
    answer = client.post("/language/", {"language": "zh-hans", "next": "/styleguide/?period=year"})
    assert (answer.status_code, answer["Location"]) == (302, "/styleguide/?period=year")
    page = client.get("/styleguide/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert "我的团队" in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_language_never_leads_away(client: Client, target: str) -> None:
    assert client.post("/language/", {"language": "en", "next": target})["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    assert not client.post("/language/", {"language": "xx", "next": "/"}).cookies.get("django_language")


def test_language_needs_post_and_token() -> None:
    assert Client().get("/language/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "en"}).status_code == 403


def test_live_needs_no_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_names_the_part_that_is_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("down")

    assert client.get("/health/ready").json()["parts"] == {"database": "ok", "redis": "ok"}
    monkeypatch.setattr(views, "_ask_database", refuse)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert json.loads(answer.content) == {"status": "unavailable", "parts": {"database": "down", "redis": "ok"}}


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "找不到这个页面"), ("en", "find this page")])
def test_a_missing_page_says_so_in_the_reader_s_language(client: Client, language: str, words: str) -> None:
    client.cookies["django_language"] = language
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_a_domain_error_becomes_a_page(client: Client) -> None:
    answer = client.get("/conflict/", headers={"accept-language": "en"})
    assert answer.status_code == 409
    assert "Someone changed this at the same time." in answer.content.decode()


def test_a_broken_view_gets_the_last_page(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/broken/", headers={"accept-language": "zh-hans"})
    assert answer.status_code == 500
    assert "我们这边出了问题" in answer.content.decode()
    assert "on purpose" not in answer.content.decode()


def test_the_last_page_needs_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(errors.loader, "get_template", fail)
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "我们这边出了问题" in answer.content.decode()


def test_csrf_failure_says_what_to_do() -> None:
    with override("en"):
        answer = errors.csrf_failure(RequestFactory().get("/"))
    assert answer.status_code == 403
    assert "Reload the page" in answer.content.decode()


def test_styleguide_keeps_parameters_and_marks_the_order(client: Client) -> None:
    page = client.get("/styleguide/?period=year&sort=sales&page=2").content.decode()
    assert "?period=year&amp;sort=-sales" in page
    assert re.search(r'aria-sort="ascending"><a class="sort"', page)
    assert "?period=year&amp;sort=sales&amp;page=3" in page


def test_errors_are_tied_to_their_fields(client: Client) -> None:
    page = client.get("/styleguide/").content.decode()
    field = re.search(r'<input[^>]*name="bad-email"[^>]*>', page)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="id_bad-email_error"' in field[0]
    assert 'id="id_bad-email_error"' in page


def test_the_policy_is_sent(client: Client) -> None:
    policy = client.get("/styleguide/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
