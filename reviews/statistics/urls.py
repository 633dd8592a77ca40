"""Pages of rater statistics, below `/w/<slug>/`."""

from django.urls import path

from reviews.statistics import views

CYCLE = "reviews/statistics/<int:cycle_id>/"
urlpatterns = [
    path("reviews/statistics/", views.statistics, name="statistics"),
    path(CYCLE, views.cycle_statistics, name="cycle_statistics"),
    path(f"{CYCLE}make/", views.make_statistics, name="make_statistics"),
    path(f"{CYCLE}export/", views.export_statistics, name="export_statistics"),
    path(f"{CYCLE}raters/<int:employee_id>/", views.rater_statistics, name="rater_statistics"),
]
