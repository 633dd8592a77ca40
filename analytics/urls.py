"""Pages that need every app, below `/w/<slug>/`."""

from django.urls import path

from analytics.homes import own_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("my/place/", own_views.my_place, name="my_place"),
    path("ranking/export/", views.export_ranking, name="export_ranking"),
    path("people/<int:employee_id>/", views.person, name="person"),
]
