"""Pages of calibration and of the comparison of results, below `/w/<slug>/`."""

from django.urls import path

from reviews.calibration import comparison_views as comparison
from reviews.calibration import running_views as running
from reviews.calibration import views

SESSION = "calibration/<int:calibration_id>/"
PERSON = f"{SESSION}people/<int:calibrated_id>/"
urlpatterns = [
    path("calibration/", views.calibrations, name="calibrations"),
    path("calibration/export/", views.export_calibrations, name="export_calibrations"),
    path("calibration/new/", running.new_calibration, name="new_calibration"),
    path(SESSION, views.calibration, name="calibration"),
    path(f"{SESSION}export/", views.export_calibration, name="export_calibration"),
    path(f"{SESSION}edit/", running.edit_calibration, name="edit_calibration"),
    path(f"{SESSION}lock/", running.lock_calibration, name="lock_calibration"),
    path(f"{SESSION}unlock/", running.unlock_calibration, name="unlock_calibration"),
    path(f"{SESSION}remove/", running.remove_calibration, name="remove_calibration"),
    path(f"{SESSION}members/add/", running.add_calibration_member, name="add_calibration_member"),
    path(
        f"{SESSION}members/<int:calibration_member_id>/remove/", running.remove_calibration_member,
        name="remove_calibration_member",
    ),
    path(PERSON, views.calibrated, name="calibrated"),
    path(f"{PERSON}preview/", views.preview_calibration, name="preview_calibration"),
    path(f"{PERSON}move/", views.move_calibrated, name="move_calibrated"),
    path(f"{PERSON}undo/", views.undo_calibrated, name="undo_calibrated"),
    path(f"{PERSON}potential/", views.rate_potential, name="rate_potential"),
    path("comparison/", comparison.comparison, name="comparison"),
    path("comparison/export/", comparison.export_comparison, name="export_comparison"),
]  # fmt: skip
