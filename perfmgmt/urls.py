"""All addresses. Everything of a company is below `/w/<slug>/`."""

from django.urls import include, path

from perfmgmt.people import views as people_views

WORKSPACE = [
    path("", include("analytics.urls")),
    path("", include("reviews.urls")),
    path("", include("goals.urls")),
    path("", include("perfmgmt.customers.urls")),
    path("", include("perfmgmt.metrics.urls")),
    path("", include("perfmgmt.people.urls")),
    path("", include("perfmgmt.jobs.urls")),
    path("", include("perfmgmt.audit.urls")),
    path("", include("perfmgmt.web.workspace_urls")),
    path("", include("perfmgmt.closing.urls")),
    path("", include("perfmgmt.worklog.urls")),
    path("", include("perfmgmt.workspace.urls")),
    path("", include("perfmgmt.api.urls")),
]

urlpatterns = [
    path("", people_views.landing, name="landing"),
    path("workspaces/", people_views.workspaces, name="workspaces"),
    path("", include("perfmgmt.people.account_urls")),
    path("", include("perfmgmt.web.urls")),
    path("", include("reviews.surveys.public_urls")),
    path("", include("reviews.answering.urls")),
    path("", include("reviews.mailing.public_urls")),
    path("api/v1/", include("perfmgmt.api_urls")),
    path("w/<slug:slug>/", include(WORKSPACE)),
]

handler400 = "perfmgmt.web.errors.bad_request"
handler403 = "perfmgmt.web.errors.forbidden"
handler404 = "perfmgmt.web.errors.not_found"
handler500 = "perfmgmt.web.errors.server_error"
