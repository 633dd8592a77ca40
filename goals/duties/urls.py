"""Pages of duties and goals, below `/w/<slug>/`."""

from django.urls import path

from goals.duties import views as duties

urlpatterns = [
    path("people/<int:employee_id>/duties/", duties.person_duties, name="person_duties"),
    path("goals/duties/", duties.coverage, name="coverage"),
    path("goals/duties/export/", duties.export_coverage, name="export_coverage"),
    path(
        "people/positions/<int:position_id>/duties/<int:duty_id>/metrics/", duties.duty_metrics, name="duty_metrics"
    ),
    path(
        "people/positions/<int:position_id>/duties/ready-metrics/",
        duties.take_ready_metrics,
        name="take_ready_metrics",
    ),
]
