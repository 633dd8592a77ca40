"""The shell shows what the viewer may open and where they are."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from perfmgmt.web import navigation
from perfmgmt.web.navigation import NavItem

pytestmark = pytest.mark.urls("tests.web.urls")


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    navigation.register(NavItem("facts", "Facts", "list", permission="facts.view", order=2))
    navigation.register(NavItem("home", "My team", "users", order=1))
    navigation.register(NavItem("not_built_yet", "Later", "users", order=3))


def request(path: str, *permissions: str) -> Any:
    made: Any = RequestFactory().get(path)
    made.workspace = SimpleNamespace(slug="acme")
    made.viewer = SimpleNamespace(display_name="Li", may=lambda permission: permission in permissions)
    return made


def test_items_need_their_permission(items: None) -> None:
    assert [link.url for group in navigation.groups_for(request("/w/acme/")) for link in group.links] == ["/w/acme/"]


def test_the_nearest_item_is_current(items: None) -> None:
    groups = navigation.groups_for(request("/w/acme/facts/17/", "facts.view"))
    assert [(link.url, link.current) for link in groups[0].links] == [
        ("/w/acme/", False),
        ("/w/acme/facts/", True),
    ]


def test_no_workspace_no_navigation(items: None) -> None:
    assert navigation.groups_for(RequestFactory().get("/")) == []


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="group"):
        navigation.register(NavItem("home", "x", "users", group="nowhere"))
