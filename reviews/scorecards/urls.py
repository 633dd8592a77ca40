"""Pages of scorecards, below `/w/<slug>/`."""

from django.urls import path

from reviews.scorecards import editor_views as editor
from reviews.scorecards import views

CARD, VERSION = "scorecards/<int:scorecard_id>/", "scorecards/versions/<int:version_id>/"
urlpatterns = [
    path("scorecards/", views.scorecards, name="scorecards"),
    path("scorecards/export/", views.export_scorecards, name="export_scorecards"),
    path("scorecards/ready/", views.add_ready_scorecards, name="add_ready_scorecards"),
    path("scorecards/new/", views.new_scorecard, name="new_scorecard"),
    path("scorecards/compare/", views.compare_scorecards, name="compare_scorecards"),
    path(CARD, views.scorecard, name="scorecard"),
    path(f"{CARD}edit/", views.edit_scorecard, name="edit_scorecard"),
    path(f"{CARD}archive/", views.archive_scorecard, name="archive_scorecard"),
    path(f"{CARD}draft/", views.start_scorecard_draft, name="start_scorecard_draft"),
    path(VERSION, views.scorecard_version, name="scorecard_version"),
    path(f"{VERSION}edit/", editor.edit_scorecard_version, name="edit_scorecard_version"),
    path(f"{VERSION}preview/", editor.preview_scorecard, name="preview_scorecard"),
    path(f"{VERSION}discard/", editor.discard_scorecard_draft, name="discard_scorecard_draft"),
    path(f"{VERSION}publish/", editor.publish_scorecard, name="publish_scorecard"),
]
