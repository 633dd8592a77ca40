"""Pages of scores, below `/w/<slug>/`."""

from django.urls import path

from reviews.scores import views

urlpatterns = [
    path("scores/", views.scores, name="scores"),
    path("scores/export/", views.export_scores, name="export_scores"),
    path("people/<int:employee_id>/score/", views.person_score, name="person_score"),
]
