"""What mails of surveys lead to, outside of workspaces."""

from django.urls import path

from reviews.mailing import public_views

urlpatterns = [
    path("s/<str:space>/<str:survey_token>/unsubscribe/", public_views.survey_unsubscribe, name="survey_unsubscribe"),
]
