"""All addresses of the API, below `/api/v1/`. The token says which workspace is meant."""

from django.urls import path

from perfmgmt.api import views
from perfmgmt.api.registry import patterns

app_name = "api"
urlpatterns = [
    *patterns(),
    path("schema/", views.schema, name="schema"),
    path("docs/", views.reference, name="docs"),
]
