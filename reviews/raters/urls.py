"""Pages of raters, below `/w/<slug>/`."""

from django.urls import path

from reviews.raters import approve_views, views

CYCLE, PERSON = "cycles/<int:cycle_id>/", "raters/<int:participant_id>/"
urlpatterns = [
    path(f"{PERSON}choose/", views.choose_raters, name="choose_raters"),
    path(f"{PERSON}approve/", approve_views.approve_person, name="approve_person"),
    path(f"{PERSON}ask/", approve_views.ask_rater, name="ask_rater"),
    path("raters/<int:rater_id>/decline/", views.decline_review, name="decline_review"),
    path("raters/<int:rater_id>/remove/", approve_views.remove_rater, name="remove_rater"),
    path(f"{CYCLE}raters/", approve_views.approve_raters, name="approve_raters"),
    path(f"{CYCLE}raters/approve-all/", approve_views.approve_all_raters, name="approve_all_raters"),
    path(f"{CYCLE}raters/export/", approve_views.export_raters, name="export_raters"),
    path(f"{CYCLE}load/", approve_views.rater_load, name="rater_load"),
    path(f"{CYCLE}load/export/", approve_views.export_load, name="export_rater_load"),
]
