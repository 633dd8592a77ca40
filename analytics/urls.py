"""Pages that need every app, below `/w/<slug>/`."""

from django.urls import path

from analytics.homes import own_views, part_views, setup_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("my/place/", own_views.my_place, name="my_place"),
    path("home/heat/", part_views.heat, name="home_heat"),
    path("home/attention/", part_views.attention, name="home_attention"),
    path("home/data/", setup_views.data_state, name="home_data"),
    path("home/setup/", setup_views.setup, name="home_setup"),
    path("home/setup/pack/", setup_views.apply_pack, name="apply_pack"),
    path("ranking/export/", views.export_ranking, name="export_ranking"),
    path("people/<int:employee_id>/", views.person, name="person"),
]
