"""Pages of targets and goals, below `/w/<slug>/`."""

from django.urls import path

from goals import views
from goals.agreement import views as agreement
from goals.bulk.views import assign_goals
from goals.check_ins import team_views as team_check_ins
from goals.check_ins import views as own_check_ins
from goals.duties.urls import urlpatterns as duties
from goals.following import views as following
from goals.grid import views as grid
from goals.locking import views as locking
from goals.plans.urls import urlpatterns as plans
from goals.smart import views as smart
from goals.template_sets import views as sets
from goals.tree.views import goal_tree

urlpatterns = [
    path("targets/", views.targets, name="targets"),
    path("targets/grid/", grid.target_grid, name="target_grid"),
    path("targets/grid/export/", grid.export_target_grid, name="export_target_grid"),
    path("targets/grid/save/", grid.save_target_grid, name="save_target_grid"),
    path("targets/export/", views.export_targets, name="export_targets"),
    *plans,
    *duties,
    path("goals/", agreement.goals, name="goals"),
    path("goals/export/", agreement.export_goals, name="export_goals"),
    path("goals/propose/", agreement.propose_goals, name="propose_goals"),
    path("goals/new/", smart.new_goal, name="new_goal"),
    path("goals/smart/", smart.smart_check, name="smart_check"),
    path("goals/<int:goal_id>/edit/", smart.edit_goal, name="edit_goal"),
    path("goals/<int:goal_id>/", agreement.goal, name="goal"),
    path("goals/<int:goal_id>/act/", agreement.act_on_goal, name="act_on_goal"),
    path("goals/<int:goal_id>/evidence/", agreement.add_goal_evidence, name="add_goal_evidence"),
    path("goals/evidence/<int:evidence_id>/", agreement.goal_file, name="goal_file"),
    path("goals/lock/", locking.lock_goals, name="lock_goals"),
    path("goals/lock/remind/", locking.remind_of_goals, name="remind_of_goals"),
    path("goals/lock/<int:lock_id>/remove/", locking.remove_lock_date, name="remove_lock_date"),
    path("goals/<int:goal_id>/progress/", following.goal_progress, name="goal_progress"),
    path("goals/rules/", team_check_ins.goal_rules, name="goal_rules"),
    path("check-in/", own_check_ins.check_in, name="check_in"),
    path("check-in/take-back/", own_check_ins.take_back_check_in, name="take_back_check_in"),
    path("check-in/tasks/", own_check_ins.tick_tasks, name="tick_tasks"),
    path("check-ins/", team_check_ins.check_ins, name="check_ins"),
    path("check-ins/export/", team_check_ins.export_check_ins, name="export_check_ins"),
    path("check-ins/<int:check_in_id>/", own_check_ins.check_in_page, name="check_in_page"),
    path("check-ins/<int:check_in_id>/answer/", team_check_ins.answer_check_in, name="answer_check_in"),
    path("check-ins/<int:check_in_id>/read/", own_check_ins.read_answer, name="read_answer"),
    path("people/<int:employee_id>/check-ins/", own_check_ins.person_check_ins, name="person_check_ins"),
    path("people/<int:employee_id>/key-tasks/", team_check_ins.confirm_tasks, name="confirm_tasks"),
    # Bulk: templates, assignment, the tree.
    path("goals/assign/", assign_goals, name="assign_goals"),
    path("goals/tree/", goal_tree, name="goal_tree"),
    path("goals/templates/", sets.goal_templates, name="goal_templates"),
    path("goals/templates/new/", sets.new_goal_template, name="new_goal_template"),
    path("goals/templates/ready/", sets.add_ready_templates, name="add_ready_templates"),
    path("goals/templates/<int:template_id>/", sets.goal_template, name="goal_template"),
    path("goals/templates/<int:template_id>/archive/", sets.archive_goal_template, name="archive_goal_template"),
    path("goals/templates/<int:template_id>/copy/", sets.copy_goal_template, name="copy_goal_template"),
]
