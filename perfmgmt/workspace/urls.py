"""Pages of the settings, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.workspace import calendar_views, views

urlpatterns = [
    path("settings/", views.general, name="settings"),
    path("settings/grades/", views.grades, name="settings_grades"),
    path("settings/anonymity/", views.anonymity, name="settings_anonymity"),
    path("settings/surveys/", views.surveys, name="settings_surveys"),
    path("settings/ranking/", views.ranking, name="settings_ranking"),
    path("settings/rates/", views.rates, name="settings_rates"),
    path("settings/rates/convert/", views.convert_again, name="convert_again"),
    path("settings/entry/", views.entry, name="settings_entry"),
    path("calendar/", calendar_views.calendar, name="calendar"),
]
