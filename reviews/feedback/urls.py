"""Pages of feedback, below `/w/<slug>/`."""

from django.urls import path

from reviews.feedback import value_views, views

ITEM = "feedback/<int:feedback_id>/"
VALUE = "feedback/values/<int:company_value_id>/"
urlpatterns = [
    path("feedback/", views.feedback, name="feedback"),
    path("feedback/given/", views.feedback_given, name="feedback_given"),
    path("feedback/wall/", views.praise_wall, name="praise_wall"),
    path("feedback/team/", views.team_feedback, name="team_feedback"),
    path("feedback/export/", views.export_feedback, name="export_feedback"),
    path("feedback/give/", views.give_feedback, name="give_feedback"),
    path("feedback/values/", value_views.company_values, name="company_values"),
    path("feedback/values/export/", value_views.export_company_values, name="export_company_values"),
    path("feedback/values/new/", value_views.new_company_value, name="new_company_value"),
    path(f"{VALUE}edit/", value_views.edit_company_value, name="edit_company_value"),
    path(f"{VALUE}archive/", value_views.archive_company_value, name="archive_company_value"),
    path(ITEM, views.feedback_item, name="feedback_item"),
    path(f"{ITEM}edit/", views.edit_feedback, name="edit_feedback"),
    path(f"{ITEM}take-back/", views.take_back_feedback, name="take_back_feedback"),
    path(f"{ITEM}hide/", views.hide_praise, name="hide_praise"),
    path(f"{ITEM}show/", views.show_praise, name="show_praise"),
    path(f"{ITEM}react/", views.react_to_praise, name="react_to_praise"),
]
