"""Pages of long-running work, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/progress/", views.job_progress, name="job_progress"),
    path("jobs/<int:job_id>/cancel/", views.cancel_job, name="cancel_job"),
    path("jobs/<int:job_id>/retry/", views.retry_job, name="retry_job"),
    path("jobs/<int:job_id>/file/", views.job_file, name="job_file"),
]
