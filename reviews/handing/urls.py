"""Pages of links to hand over, below `/w/<slug>/`."""

from django.urls import path

from reviews.handing import views

LINKS = "surveys/links/"
LINK = f"{LINKS}<int:survey_invitation_id>/"
urlpatterns = [
    path(LINKS, views.survey_links, name="survey_links"),
    path(f"{LINKS}export/", views.export_survey_links, name="export_survey_links"),
    path(f"{LINKS}file/", views.survey_links_file, name="survey_links_file"),
    path(f"{LINKS}mark/", views.mark_survey_links, name="mark_survey_links"),
    path(f"{LINK}show/", views.show_survey_link, name="show_survey_link"),
    path(f"{LINK}back/", views.take_back_survey_link, name="take_back_survey_link"),
]
