"""Pages of asking customers, below `/w/<slug>/`."""

from django.urls import path

from reviews.asking import views

SURVEY = "surveys/<int:survey_id>/"
TRIGGER, CAMPAIGN = "surveys/triggers/<int:survey_trigger_id>/", "surveys/campaigns/<int:survey_campaign_id>/"
urlpatterns = [
    path(f"{SURVEY}asking/", views.survey_asking, name="survey_asking"),
    path(f"{SURVEY}asking/trigger/", views.add_survey_trigger, name="add_survey_trigger"),
    path(f"{SURVEY}asking/campaign/", views.add_survey_campaign, name="add_survey_campaign"),
    path(f"{SURVEY}asking/campaign/count/", views.count_survey_campaign, name="count_survey_campaign"),
    path(f"{SURVEY}response/", views.survey_response, name="survey_response"),
    path(f"{SURVEY}response/export/", views.export_survey_skips, name="export_survey_skips"),
    path(TRIGGER, views.edit_survey_trigger, name="edit_survey_trigger"),
    path(f"{TRIGGER}switch/", views.switch_survey_trigger, name="switch_survey_trigger"),
    path(f"{TRIGGER}remove/", views.remove_survey_trigger, name="remove_survey_trigger"),
    path(CAMPAIGN, views.edit_survey_campaign, name="edit_survey_campaign"),
    path(f"{CAMPAIGN}cancel/", views.cancel_survey_campaign, name="cancel_survey_campaign"),
    path("surveys/ask/<int:contact_id>/", views.start_survey, name="start_survey"),
]
