"""Pages of requested feedback, below `/w/<slug>/`."""

from django.urls import path

from reviews.feedback.requested import views

REQUEST = "feedback/requests/<int:feedback_request_id>/"
ASK = "feedback/asks/<int:feedback_ask_id>/"
urlpatterns = [
    path("feedback/requests/", views.feedback_requests, name="feedback_requests"),
    path("feedback/requests/export/", views.export_feedback_requests, name="export_feedback_requests"),
    path("feedback/requests/new/", views.ask_for_feedback, name="ask_for_feedback"),
    path(REQUEST, views.feedback_request, name="feedback_request"),
    path(f"{REQUEST}close/", views.close_feedback_request, name="close_feedback_request"),
    path("feedback/asks/", views.feedback_asks, name="feedback_asks"),
    path("feedback/asks/export/", views.export_feedback_asks, name="export_feedback_asks"),
    path(ASK, views.reply_to_feedback, name="reply_to_feedback"),
    path(f"{ASK}decline/", views.decline_feedback, name="decline_feedback"),
]
