"""Pages of plans, below `/w/<slug>/`."""

from django.urls import path

from goals.plans import task_views as plan_tasks
from goals.plans import team_views as team_plans
from goals.plans import views as plans

PLAN = "plans/<int:plan_id>/"
urlpatterns = [
    path("plans/", plans.plans, name="plans"),
    path("plans/export/", plans.export_plans, name="export_plans"),
    path("plans/new/", plans.new_plan, name="new_plan"),
    path(PLAN, plans.plan, name="plan"),
    path(f"{PLAN}edit/", plans.edit_plan, name="edit_plan"),
    path(f"{PLAN}close/", plans.close_plan, name="close_plan"),
    path(f"{PLAN}tasks/add/", plan_tasks.add_task, name="add_plan_task"),
    path(f"{PLAN}tasks/<int:plan_task_id>/", plan_tasks.plan_task, name="plan_task"),
    path(f"{PLAN}tasks/<int:plan_task_id>/progress/", plan_tasks.task_progress, name="task_progress"),
    path(f"{PLAN}tasks/<int:plan_task_id>/remove/", plan_tasks.remove_task, name="remove_plan_task"),
    path(f"{PLAN}measures/add/", team_plans.add_measure, name="add_plan_measure"),
    path(f"{PLAN}measures/<int:plan_measure_id>/remove/", team_plans.remove_measure, name="remove_plan_measure"),
    path(f"{PLAN}reviews/add/", team_plans.add_review, name="add_plan_review"),
    path(f"{PLAN}reviews/<int:plan_review_id>/", team_plans.plan_review, name="plan_review"),
    path(f"{PLAN}reviews/<int:plan_review_id>/remove/", team_plans.remove_review, name="remove_plan_review"),
]
