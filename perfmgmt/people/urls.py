"""Pages of people, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.people import views

urlpatterns = [
    path("about/", views.about, name="about"),
    path("people/", views.people, name="people"),
]
