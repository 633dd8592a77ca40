"""Pages of metrics, facts and imports, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.metrics import batch_views, column_views, import_views, metric_views, views
from perfmgmt.metrics.forecast import market_views
from perfmgmt.metrics.forecast import views as forecast_views

urlpatterns = [
    path("metrics/", metric_views.metrics, name="metrics"),
    path("metrics/new/", metric_views.new_metric, name="new_metric"),
    path("metrics/preview/", metric_views.preview_metric, name="preview_metric"),
    path("metrics/export/", metric_views.export_metrics, name="export_metrics"),
    path("metrics/<int:metric_id>/", metric_views.metric, name="metric"),
    path("metrics/<int:metric_id>/edit/", metric_views.edit_metric, name="edit_metric"),
    path("metrics/<int:metric_id>/archive/", metric_views.archive_metric, name="archive_metric"),
    path("metrics/<int:metric_id>/restore/", metric_views.restore_metric, name="restore_metric"),
    path("market/", market_views.market, name="market"),
    path("market/add/", market_views.add_market, name="add_market"),
    path("market/paste/", market_views.paste_market, name="paste_market"),
    path("market/export/", market_views.export_market, name="export_market"),
    path("market/<int:market_id>/", market_views.edit_market, name="edit_market"),
    path("market/<int:market_id>/delete/", market_views.delete_market, name="delete_market"),
    path("forecasts/prepare/", market_views.prepare_forecasts, name="prepare_forecasts"),
    path("people/<int:employee_id>/outlook/", forecast_views.person_outlook, name="person_outlook"),
    path("people/<int:employee_id>/outlook/<int:metric_id>/", forecast_views.outlook_part, name="outlook"),
    path("facts/", views.facts, name="facts"),
    path("facts/export/", views.export_facts, name="export_facts"),
    path("facts/<int:fact_id>/", views.fact, name="fact"),
    path("people/export/", views.export_people, name="export_people"),
    path("imports/", import_views.imports, name="imports"),
    path("imports/<int:draft_id>/", import_views.import_draft, name="import_draft"),
    path("imports/<int:draft_id>/state/", import_views.import_state, name="import_state"),
    path("imports/<int:draft_id>/columns/", column_views.import_columns, name="import_columns"),
    path("imports/<int:draft_id>/reading/", column_views.import_reading, name="import_reading"),
    path("imports/<int:draft_id>/check/", import_views.import_check, name="import_check"),
    path("imports/<int:draft_id>/run/", import_views.import_run, name="import_run"),
    path("imports/<int:draft_id>/cancel/", import_views.import_cancel, name="import_cancel"),
    path("imports/<int:draft_id>/undo/", import_views.import_undo, name="import_undo"),
    path("imports/<int:draft_id>/discard/", import_views.import_discard, name="import_discard"),
    path("imports/<int:draft_id>/refused/", import_views.import_refused, name="import_refused"),
    path("imports/batches/", batch_views.facts_batches, name="facts_batches"),
    path("imports/batches/<int:batch_id>/", batch_views.facts_batch, name="facts_batch"),
    path("imports/batches/<int:batch_id>/state/", batch_views.facts_batch_state, name="facts_batch_state"),
    path("imports/batches/<int:batch_id>/undo/", batch_views.undo_facts_batch, name="facts_batch_undo"),
    path("imports/profiles/<int:profile_id>/delete/", import_views.profile_delete, name="import_profile_delete"),
]
