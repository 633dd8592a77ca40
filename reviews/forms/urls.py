"""Pages of forms, questions and questionnaires, below `/w/<slug>/`."""

from django.urls import path

from reviews.forms import views
from reviews.forms.bank import questionnaire_views as papers
from reviews.forms.bank import views as bank

RATER = "reviews/<int:rater_id>/"
PAPER = "questionnaires/<int:questionnaire_id>/"
urlpatterns = [
    path("reviews/", views.my_reviews, name="my_reviews"),
    path("reviews/export/", views.export_my_reviews, name="export_my_reviews"),
    path(RATER, views.review_form, name="review_form"),
    path(f"{RATER}save/", views.save_review, name="save_review"),
    path(f"{RATER}hand-in/", views.hand_in_review, name="hand_in_review"),
    path(f"{RATER}take-back/", views.take_back_review, name="take_back_review"),
    path(f"{RATER}withdraw/", views.withdraw_review, name="withdraw_review"),
    path(f"{RATER}hints/", views.review_hints, name="review_hints"),
    path("questionnaires/questions/", bank.questions, name="questions"),
    path("questionnaires/questions/export/", bank.export_questions, name="export_questions"),
    path("questionnaires/questions/ready/", bank.add_ready_questions, name="add_ready_questions"),
    path("questionnaires/questions/new/", bank.new_question, name="new_question"),
    path("questionnaires/questions/<int:question_id>/", bank.question, name="question"),
    path("questionnaires/questions/<int:question_id>/archive/", bank.archive_question, name="archive_question"),
    path("questionnaires/", papers.questionnaires, name="questionnaires"),
    path("questionnaires/export/", papers.export_questionnaires, name="export_questionnaires"),
    path("questionnaires/new/", papers.new_questionnaire, name="new_questionnaire"),
    path(PAPER, papers.questionnaire, name="questionnaire"),
    path(f"{PAPER}preview/", papers.questionnaire_preview, name="questionnaire_preview"),
    path(f"{PAPER}archive/", papers.archive_questionnaire, name="archive_questionnaire"),
    path(f"{PAPER}copy/", papers.copy_questionnaire, name="copy_questionnaire"),
]
