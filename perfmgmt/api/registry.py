"""The addresses below `/api/v1/`. Higher apps add theirs in `AppConfig.ready()`, before the URLs are read."""

from typing import Any

from django.urls import URLPattern, path

_patterns: dict[str, URLPattern] = {}


def register(route: str, view: Any, name: str) -> None:
    """Add an address of the API; `view` is a subclass of `api.access.ApiView`. The same name again replaces it."""
    _patterns[name] = path(route, view.as_view(), name=name)


def patterns() -> list[URLPattern]:
    """Return every address in the order of registration."""
    return list(_patterns.values())
