"""Pages of the API, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.api import views

urlpatterns = [
    path("api-tokens/", views.api_tokens, name="api_tokens"),
    path("api-tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
]
