"""Pages of the period close, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.closing import views

urlpatterns = [
    path("periods/", views.periods, name="periods"),
    path("periods/one/", views.period, name="period"),
    path("periods/lock/", views.lock_period, name="lock_period"),
    path("periods/accept/", views.accept_changes, name="accept_changes"),
    path("periods/export/", views.export_changes, name="export_changes"),
]
