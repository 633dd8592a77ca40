"""Pages of targets, below `/w/<slug>/`."""

from django.urls import path

from goals import views

urlpatterns = [
    path("targets/", views.targets, name="targets"),
    path("targets/export/", views.export_targets, name="export_targets"),
]
