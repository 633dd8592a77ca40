"""Pages of people, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.people import mail_views, member_views, views
from perfmgmt.people.duties import views as duties
from perfmgmt.people.leaving import views as leaving
from perfmgmt.people.org import views as org
from perfmgmt.people.records import absence_views as absences
from perfmgmt.people.records import views as records

PERSON = "people/<int:employee_id>/"

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
    path("mail/undecided/again/", mail_views.retry_undecided_mails, name="retry_undecided_mails"),
    path("mail/undecided/leave/", mail_views.leave_undecided_mails, name="leave_undecided_mails"),
    path("mail/<int:mail_id>/leave/", mail_views.leave_mail, name="leave_mail"),
    path("mail/<int:mail_id>/", mail_views.mail, name="mail"),
    path("mail/<int:mail_id>/again/", mail_views.retry_mail, name="retry_mail"),
    path("people/pick/", views.people_pick, name="people_pick"),
    path("people/add/", records.add_person, name="add_person"),
    path(f"{PERSON}profile/", records.profile, name="person_profile"),
    path(f"{PERSON}edit/", records.edit_person, name="edit_person"),
    path(f"{PERSON}assignments/", records.person_assignments, name="person_assignments"),
    path(f"{PERSON}assignments/add/", records.add_assignment, name="add_assignment"),
    path(f"{PERSON}assignments/<int:assignment_id>/", records.edit_assignment, name="edit_assignment"),
    path(f"{PERSON}absences/", absences.person_absences, name="person_absences"),
    path(f"{PERSON}absences/add/", absences.add_absence, name="add_absence"),
    path(f"{PERSON}absences/<int:absence_id>/", absences.edit_absence, name="edit_absence"),
    path(f"{PERSON}absences/<int:absence_id>/remove/", absences.remove_absence, name="remove_absence"),
    path(f"{PERSON}stand-ins/add/", absences.add_stand_in, name="add_stand_in"),
    path(f"{PERSON}stand-ins/<int:stand_in_id>/", absences.edit_stand_in, name="edit_stand_in"),
    path(f"{PERSON}stand-ins/<int:stand_in_id>/remove/", absences.remove_stand_in, name="remove_stand_in"),
    path(f"{PERSON}leave/", leaving.leave, name="leave"),
    path(f"{PERSON}stay/", leaving.stay, name="stay"),
    path(f"{PERSON}handover/", leaving.handover, name="handover"),
    path("people/leavers/", leaving.leavers, name="leavers"),
    path("people/leavers/access/", leaving.leaver_access, name="leaver_access"),
    path("people/units/", org.units, name="units"),
    path("people/units/add/", org.add_unit, name="add_unit"),
    path("people/units/<int:unit_id>/", org.unit, name="unit"),
    path("people/units/<int:unit_id>/move/", org.move_unit, name="move_unit"),
    path("people/units/<int:unit_id>/archive/", org.archive_unit, name="archive_unit"),
    path("people/units/<int:unit_id>/reopen/", org.reopen_unit, name="reopen_unit"),
    path("people/positions/", org.positions, name="positions"),
    path("people/positions/add/", org.add_position, name="add_position"),
    path("people/positions/<int:position_id>/", org.position, name="position"),
    path("people/positions/<int:position_id>/duties/", duties.job_description, name="job_description"),
    path("people/positions/<int:position_id>/duties/add/", duties.add_duty, name="add_duty"),
    path("people/positions/<int:position_id>/duties/<int:duty_id>/", duties.duty, name="duty"),
    path("people/positions/<int:position_id>/duties/<int:duty_id>/remove/", duties.remove_duty, name="remove_duty"),
    path("people/positions/<int:position_id>/remove/", org.remove_position, name="remove_position"),
]
