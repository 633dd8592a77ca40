"""Pages of surveys, below `/w/<slug>/`; those outside of a workspace are in `public_urls`."""

from django.urls import path

from reviews.surveys import editor_views as editor
from reviews.surveys import preview_views as preview
from reviews.surveys import views

SURVEY, VERSION = "surveys/<int:survey_id>/", "surveys/versions/<int:survey_version_id>/"
urlpatterns = [
    path("surveys/", views.surveys, name="surveys"),
    path("surveys/export/", views.export_surveys, name="export_surveys"),
    path("surveys/ready/", views.add_ready_surveys, name="add_ready_surveys"),
    path("surveys/new/", views.new_survey, name="new_survey"),
    path(SURVEY, views.survey, name="survey"),
    path(f"{SURVEY}edit/", views.edit_survey, name="edit_survey"),
    path(f"{SURVEY}copy/", views.copy_survey, name="copy_survey"),
    path(f"{SURVEY}state/", views.set_survey_state, name="set_survey_state"),
    path(f"{SURVEY}draft/", views.start_survey_draft, name="start_survey_draft"),
    path(VERSION, views.survey_version, name="survey_version"),
    path(f"{VERSION}edit/", editor.edit_survey_version, name="edit_survey_version"),
    path(f"{VERSION}discard/", editor.discard_survey_draft, name="discard_survey_draft"),
    path(f"{VERSION}publish/", editor.publish_survey, name="publish_survey"),
    path(f"{VERSION}preview/", preview.survey_preview, name="survey_preview"),
    path(f"{VERSION}preview/mail/", preview.survey_preview_mail, name="survey_preview_mail"),
    path(f"{VERSION}preview/page/", preview.survey_preview_page, name="survey_preview_page"),
    path(f"{VERSION}logo/", preview.survey_logo, name="survey_logo"),
    path(f"{VERSION}test/", preview.send_survey_test, name="send_survey_test"),
]
