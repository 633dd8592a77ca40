"""Pages about mail to customers, below `/w/<slug>/`."""

from django.urls import path

from reviews.mailing import views

urlpatterns = [
    path("mail/advice/", views.mail_advice, name="mail_advice"),
    path("mail/suppressed/", views.suppressed, name="suppressed"),
    path("mail/suppressed/add/", views.suppress_address, name="suppress_address"),
    path("mail/suppressed/export/", views.export_suppressed, name="export_suppressed"),
    path("mail/suppressed/<int:suppressed_id>/lift/", views.lift_suppressed, name="lift_suppressed"),
]
