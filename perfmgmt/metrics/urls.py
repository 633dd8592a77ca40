"""Pages of metrics, facts and imports, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.metrics import metric_views, views

urlpatterns = [
    path("metrics/", metric_views.metrics, name="metrics"),
    path("metrics/new/", metric_views.new_metric, name="new_metric"),
    path("metrics/preview/", metric_views.preview_metric, name="preview_metric"),
    path("metrics/export/", metric_views.export_metrics, name="export_metrics"),
    path("metrics/<int:metric_id>/", metric_views.metric, name="metric"),
    path("metrics/<int:metric_id>/edit/", metric_views.edit_metric, name="edit_metric"),
    path("metrics/<int:metric_id>/archive/", metric_views.archive_metric, name="archive_metric"),
    path("metrics/<int:metric_id>/restore/", metric_views.restore_metric, name="restore_metric"),
    path("facts/", views.facts, name="facts"),
    path("facts/export/", views.export_facts, name="export_facts"),
    path("facts/<int:fact_id>/", views.fact, name="fact"),
    path("people/export/", views.export_people, name="export_people"),
    path("imports/", views.imports, name="imports"),
]
