"""Pages of the work log, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.worklog import approval_views, views

urlpatterns = [
    path("log/", views.log, name="log"),
    path("log/submit/", views.submit_day, name="submit_day"),
    path("log/duties/", views.save_duties, name="save_duties"),
    path("log/entries/", views.add_entry, name="add_entry"),
    path("log/entries/<int:entry_id>/", views.log_entry, name="log_entry"),
    path("log/entries/<int:entry_id>/withdraw/", views.withdraw_entry, name="withdraw_entry"),
    path("log/entries/<int:entry_id>/delete/", views.delete_entry, name="delete_entry"),
    path("log/entries/<int:entry_id>/take-back/", approval_views.take_back_entry, name="take_back_entry"),
    path("log/proofs/<int:proof_id>/", views.proof_file, name="proof_file"),
    path("log/proofs/<int:proof_id>/remove/", views.remove_proof, name="remove_proof"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("approvals/decide/", approval_views.decide_entries, name="decide_entries"),
    path("approvals/export/", approval_views.export_entries, name="export_entries"),
]
