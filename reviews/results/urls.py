"""Pages of results, below `/w/<slug>/`."""

from django.urls import path

from reviews.results import fairness_views, meeting_views, proposal_views, release_views, views

RESULT = "results/<int:result_id>/"
urlpatterns = [
    path("results/", views.results, name="results"),
    path("results/export/", views.export_results, name="export_results"),
    path("results/own/", views.own_result, name="own_result"),
    path("results/release/", release_views.release_results, name="release_results"),
    path("results/fairness/", fairness_views.fairness, name="fairness"),
    path("results/fairness/heard/", fairness_views.heard_fairness, name="heard_fairness"),
    path("results/proposals/", proposal_views.proposals, name="proposals"),
    path("results/proposals/export/", proposal_views.export_proposals, name="export_proposals"),
    path("results/proposals/<int:proposal_id>/decide/", proposal_views.decide_proposal, name="decide_proposal"),
    path(RESULT, views.result, name="result"),
    path(f"{RESULT}answer/", views.answer_result, name="answer_result"),
    path(f"{RESULT}pdf/", views.print_result, name="print_result"),
    path(f"{RESULT}meeting/", meeting_views.review_meeting, name="review_meeting"),
    path(f"{RESULT}meeting/open/", meeting_views.open_review_meeting, name="open_review_meeting"),
    path(f"{RESULT}meeting/sign/", meeting_views.sign_review_meeting, name="sign_review_meeting"),
    path("people/<int:employee_id>/results/", views.person_results, name="person_results"),
]
