"""Included at the root, outside workspaces."""

from __future__ import annotations

from django.urls import path

from perfmgmt.web import views
from perfmgmt.web.mail_hooks import mail_hook

app_name = "web"
urlpatterns = [
    path("language/", views.set_language, name="set_language"),
    path("health/live", views.health_live, name="health_live"),
    path("health/ready", views.health_ready, name="health_ready"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("hooks/mail/<slug:mail_service>/", mail_hook, name="mail_hook"),
]
