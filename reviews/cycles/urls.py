"""Pages of cycles, below `/w/<slug>/`."""

from django.urls import path

from reviews.cycles import person_views as person
from reviews.cycles import views, wizard_views

CYCLE, PERSON = "cycles/<int:cycle_id>/", "cycles/participants/<int:participant_id>/"
urlpatterns = [
    path("cycles/", views.cycles, name="cycles"),
    path("cycles/export/", views.export_cycles, name="export_cycles"),
    path("cycles/new/", views.new_cycle, name="new_cycle"),
    path(CYCLE, views.cycle, name="cycle"),
    path(f"{CYCLE}export/", views.export_board, name="export_cycle_board"),
    path(f"{CYCLE}copy/", views.copy_cycle, name="copy_cycle"),
    path(f"{CYCLE}discard/", views.discard_cycle, name="discard_cycle"),
    path(f"{CYCLE}launch/", views.launch_cycle, name="launch_cycle"),
    path(f"{CYCLE}close/", views.close_cycle, name="close_cycle"),
    path(f"{CYCLE}reopen/", views.reopen_cycle, name="reopen_cycle"),
    path(f"{CYCLE}extend/", views.extend_cycle, name="extend_cycle"),
    path(f"{CYCLE}nudge/", views.nudge_cycle, name="nudge_cycle"),
    path(f"{CYCLE}people/add/", views.add_cycle_person, name="add_cycle_person"),
    # The steps of planning.
    path(f"{CYCLE}plan/who/", wizard_views.cycle_who, name="cycle_who"),
    path(f"{CYCLE}plan/who/count/", wizard_views.cycle_count, name="cycle_count"),
    path(f"{CYCLE}plan/period/", wizard_views.cycle_period, name="cycle_period"),
    path(f"{CYCLE}plan/questionnaires/", wizard_views.cycle_forms, name="cycle_forms"),
    path(f"{CYCLE}plan/raters/", wizard_views.cycle_groups, name="cycle_groups"),
    path(f"{CYCLE}plan/deadlines/", wizard_views.cycle_dates, name="cycle_dates"),
    path(f"{CYCLE}plan/visibility/", wizard_views.cycle_visibility, name="cycle_visibility"),
    path(f"{CYCLE}plan/check/", wizard_views.cycle_check, name="cycle_check"),
    path(f"{CYCLE}plan/leave-out/", wizard_views.leave_out_people, name="leave_out_people"),
    # A person of a cycle, and their raters.
    path(PERSON, person.cycle_person, name="cycle_person"),
    path(f"{PERSON}nudge/", person.nudge_cycle_person, name="nudge_cycle_person"),
    path(f"{PERSON}extend/", person.extend_cycle_person, name="extend_cycle_person"),
    path(f"{PERSON}drop/", person.drop_cycle_person, name="drop_cycle_person"),
    path("cycles/raters/<int:rater_id>/reassign/", person.reassign_rater, name="reassign_rater"),
]
