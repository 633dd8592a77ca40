"""Pages of a person's own account and sign-in, outside of workspaces."""

from allauth.account import views as allauth_views
from django.urls import include, path, re_path

from perfmgmt.people import account_views, address_views, invitation_views, mail_views

urlpatterns = [
    path("account/", account_views.account, name="account"),
    path("account/sessions/", account_views.sessions, name="sessions"),
    path("account/sessions/end-others/", account_views.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:session_id>/end/", account_views.end_session, name="end_session"),
    path("account/notifications/", account_views.account_notifications, name="account_notifications"),
    path("account/address/", address_views.change_address, name="account_email"),
    path("workspaces/new/", account_views.new_workspace, name="new_workspace"),
    path("invitation/<slug:workspace>/<str:token>/", invitation_views.invitation, name="invitation"),
    path("mail/", mail_views.account_mails, name="account_mails"),
    path("mail/<int:account_mail_id>/", mail_views.account_mail, name="account_mail"),
    path("accounts/login/", allauth_views.login, name="account_login"),
    path("accounts/logout/", allauth_views.logout, name="account_logout"),
    path("accounts/signup/", allauth_views.signup, name="account_signup"),
    path("accounts/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path(
        "accounts/confirm-email/",
        allauth_views.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        address_views.follow_link,
        name="account_confirm_email",
    ),
    path("accounts/password/change/", allauth_views.password_change, name="account_change_password"),
    path("accounts/password/set/", allauth_views.password_set, name="account_set_password"),
    path("accounts/password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]
