"""Pages of what customers said, below `/w/<slug>/`."""

from django.urls import path

from reviews.voice import theme_views, views, word_views

SURVEY = "surveys/<int:survey_id>/"
urlpatterns = [
    path("surveys/voice/", views.survey_voice, name="survey_voice"),
    path("surveys/themes/", theme_views.voice_themes, name="voice_themes"),
    path("surveys/themes/export/", theme_views.export_voice_themes, name="export_voice_themes"),
    path("surveys/themes/ready/", theme_views.add_ready_themes, name="add_ready_themes"),
    path("surveys/themes/new/", theme_views.new_voice_theme, name="new_voice_theme"),
    path("surveys/themes/<int:voice_theme_id>/", theme_views.edit_voice_theme, name="edit_voice_theme"),
    path("surveys/themes/<int:voice_theme_id>/archive/", theme_views.archive_voice_theme, name="archive_voice_theme"),
    path(f"{SURVEY}results/", views.survey_results, name="survey_results"),
    path(f"{SURVEY}results/export/", views.export_survey_results, name="export_survey_results"),
    path(f"{SURVEY}words/", word_views.survey_words, name="survey_words"),
    path(f"{SURVEY}words/export/", word_views.export_survey_words, name="export_survey_words"),
    path("surveys/words/<int:words_id>/theme/", word_views.theme_words, name="theme_words"),
]
