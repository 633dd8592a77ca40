"""The web app's pages alone, with handlers, and views that fail on purpose."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from perfmgmt.tenants.errors import Conflict


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def conflict(request: HttpRequest) -> HttpResponse:
    raise Conflict


urlpatterns = [
    path("", include("perfmgmt.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("broken/", broken),
    path("conflict/", conflict),
    path("w/<slug:slug>/", conflict, name="home"),
    path("w/<slug:slug>/facts/", conflict, name="facts"),
]
handler400 = "perfmgmt.web.errors.bad_request"
handler403 = "perfmgmt.web.errors.forbidden"
handler404 = "perfmgmt.web.errors.not_found"
handler500 = "perfmgmt.web.errors.server_error"
