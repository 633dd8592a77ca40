"""Pages of “how I am assessed”, below `/w/<slug>/`."""

from django.urls import path

from reviews.assessed import views

urlpatterns = [
    path("assessed/", views.assessed, name="assessed"),
    path("assessed/acknowledge/", views.acknowledge_scorecard, name="acknowledge_scorecard"),
    path("scorecards/acknowledged/", views.acknowledged, name="acknowledged"),
    path("scorecards/acknowledged/export/", views.export_acknowledged, name="export_acknowledged"),
    path("scorecards/show/", views.show_scorecards, name="show_scorecards"),
]
