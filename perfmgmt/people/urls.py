"""Pages of people, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.people import mail_views, member_views, views

urlpatterns = [
    path("about/", views.about, name="about"),
    path("people/", views.people, name="people"),
    path("members/", member_views.members, name="members"),
    path("members/invite/", member_views.invite, name="invite"),
    path("members/<int:member_id>/", member_views.member, name="member"),
    path("members/<int:member_id>/remove/", member_views.remove_member, name="remove_member"),
    path("invitations/<int:invitation_id>/again/", member_views.resend_invitation, name="resend_invitation"),
    path("invitations/<int:invitation_id>/revoke/", member_views.revoke_invitation, name="revoke_invitation"),
    path("mail/", mail_views.outbox, name="outbox"),
    path("mail/<int:mail_id>/", mail_views.mail, name="mail"),
    path("mail/<int:mail_id>/again/", mail_views.retry_mail, name="retry_mail"),
]
