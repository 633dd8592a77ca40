"""Addresses of customers: short, for they stand in mails."""

from django.urls import path

from reviews.answering import views

LINK = "s/<slug:space>/<slug:token>/"
urlpatterns = [
    path(LINK, views.survey_answer, name="survey_answer"),
    path(f"{LINK}logo.png", views.survey_answer_logo, name="survey_answer_logo"),
]
