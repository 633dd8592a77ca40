"""Pages that need every app, below `/w/<slug>/`."""

from django.urls import path

from analytics.homes import goals_part, outlook_part, own_views, part_views, setup_views, views, waiting

urlpatterns = [
    path("", views.home, name="home"),
    path("my/place/", own_views.my_place, name="my_place"),
    path("home/heat/", part_views.heat, name="home_heat"),
    path("home/attention/", part_views.attention, name="home_attention"),
    path("home/waiting/", waiting.waiting, name="home_waiting"),
    path("home/goals/", goals_part.own_goals, name="home_goals"),
    path("home/forecast/", outlook_part.forecast, name="home_forecast"),
    path("home/data/", setup_views.data_state, name="home_data"),
    path("home/setup/", setup_views.setup, name="home_setup"),
    path("home/setup/pack/", setup_views.apply_pack, name="apply_pack"),
    path("ranking/export/", views.export_ranking, name="export_ranking"),
    path("people/<int:employee_id>/", views.person, name="person"),
]
