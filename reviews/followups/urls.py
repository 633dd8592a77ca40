"""Pages of follow-ups, below `/w/<slug>/`."""

from django.urls import path

from reviews.followups import views

TASK = "surveys/follow-ups/<int:follow_up_id>/"
urlpatterns = [
    path("surveys/follow-ups/", views.follow_ups, name="follow_ups"),
    path("surveys/follow-ups/export/", views.export_follow_ups, name="export_follow_ups"),
    path(TASK, views.follow_up, name="follow_up"),
    path(f"{TASK}begin/", views.begin_follow_up, name="begin_follow_up"),
    path(f"{TASK}hand-over/", views.hand_over_follow_up, name="hand_over_follow_up"),
    path(f"{TASK}close/", views.close_follow_up, name="close_follow_up"),
    path("surveys/<int:survey_id>/follow-ups/", views.survey_follow_ups, name="survey_follow_ups"),
]
