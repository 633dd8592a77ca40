"""Pages of score deductions, below `/w/<slug>/`."""

from django.urls import path

from reviews.deductions import views

urlpatterns = [
    path("deductions/", views.deductions, name="deductions"),
    path("deductions/export/", views.export_deductions, name="export_deductions"),
    path("deductions/new/", views.new_deduction, name="new_deduction"),
    path("deductions/<int:deduction_id>/withdraw/", views.withdraw_deduction, name="withdraw_deduction"),
]
