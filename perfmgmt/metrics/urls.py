"""Pages of metrics, facts and imports, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.metrics import views

urlpatterns = [
    path("metrics/", views.metrics, name="metrics"),
    path("facts/", views.facts, name="facts"),
    path("facts/export/", views.export_facts, name="export_facts"),
    path("facts/<int:fact_id>/", views.fact, name="fact"),
    path("people/export/", views.export_people, name="export_people"),
    path("imports/", views.imports, name="imports"),
]
