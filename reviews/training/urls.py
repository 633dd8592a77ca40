"""Pages of training, below `/w/<slug>/`."""

from django.urls import path

from reviews.training import catalogue_views as catalogue
from reviews.training import record_views as records
from reviews.training import views

COURSE, TRAINING = "training/courses/<int:course_id>/", "training/<int:training_id>/"
ENROLMENT = "training/enrolments/<int:enrolment_id>/"
urlpatterns = [
    path("training/", views.trainings, name="trainings"),
    path("training/export/", views.export_trainings, name="export_trainings"),
    path("training/courses/", catalogue.courses, name="courses"),
    path("training/courses/export/", catalogue.export_courses, name="export_courses"),
    path("training/courses/ready/", catalogue.add_ready_courses, name="add_ready_courses"),
    path("training/courses/new/", catalogue.new_course, name="new_course"),
    path(COURSE, catalogue.course, name="course"),
    path(f"{COURSE}edit/", catalogue.edit_course, name="edit_course"),
    path(f"{COURSE}archive/", catalogue.archive_course, name="archive_course"),
    path(f"{COURSE}new-session/", views.new_training, name="new_training"),
    path("training/records/", records.training_records, name="training_records"),
    path("training/records/export/", records.export_training_records, name="export_training_records"),
    path(TRAINING, views.training, name="training"),
    path(f"{TRAINING}edit/", views.edit_training, name="edit_training"),
    path(f"{TRAINING}state/", views.set_training_state, name="set_training_state"),
    path(f"{TRAINING}enrol/", views.enrol_in_training, name="enrol_in_training"),
    path(f"{TRAINING}marks/", records.mark_training, name="mark_training"),
    path(f"{ENROLMENT}cancel/", views.cancel_enrolment, name="cancel_enrolment"),
    path(f"{ENROLMENT}decide/", views.decide_enrolment, name="decide_enrolment"),
    path(f"{ENROLMENT}feedback/", records.say_training, name="say_training"),
    path("people/<int:employee_id>/training/", records.person_training, name="person_training"),
]
