"""Included at the root, outside workspaces."""

from __future__ import annotations

from django.urls import path

from perfmgmt.web import views

app_name = "web"
urlpatterns = [
    path("language/", views.set_language, name="set_language"),
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
