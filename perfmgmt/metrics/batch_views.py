"""Pages of the batches that programs sent."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.shown import shown
from perfmgmt.metrics.batches import batches, undo_batch, undo_of
from perfmgmt.metrics.imports.reasons import said
from perfmgmt.metrics.models import FactsBatch, Source
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound

PER_PAGE = 50


@workspace_view(IMPORT_FACTS)
@require_GET
def facts_batches(request: WorkspaceRequest) -> HttpResponse:
    """What programs sent, newest first."""
    search, source = request.GET.get("q", "")[:80].strip(), request.GET.get("source", "")[:40]
    page = Paginator(batches(search=search, source=source), PER_PAGE).get_page(request.GET.get("page"))
    undoing = Job.objects.in_bulk({batch.undo_job_id for batch in page if batch.undo_job_id})
    context = {
        "page": page,
        "rows": [{"batch": batch, "undo": undoing.get(batch.undo_job_id or 0)} for batch in page],
        "search": search,
        "source": source,
        "sources": Source.objects.order_by("code").values_list("code", flat=True),
        "filtered": bool(search or source),
    }
    return render(request, "metrics/batches.html", context)


def _context(request: WorkspaceRequest, batch_id: int) -> dict[str, Any]:
    batch = FactsBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    job = undo_of(batch)
    again = reverse("facts_batch_undo", args=[request.workspace.slug, batch.pk])
    view = shown(job, viewer=request.viewer, workspace=request.workspace, retry_url=again) if job else None
    refusals = [{**row, "reason": said(row)} for row in batch.refusals]
    return {"batch": batch, "undo": job, "view": view, "refusals": refusals}


@workspace_view(IMPORT_FACTS)
@require_GET
def facts_batch(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    """One batch, and its undoing."""
    return render(request, "metrics/batch.html", _context(request, batch_id))


@workspace_view(IMPORT_FACTS)
@require_GET
def facts_batch_state(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    """The part of the page that is asked for again while a worker undoes the batch."""
    return render(request, "metrics/batch_undo.html", _context(request, batch_id))


@workspace_view(IMPORT_FACTS)
@require_POST
def undo_facts_batch(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    """Take the batch back."""
    batch = undo_batch(batch_id, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("facts_batch", args=[request.workspace.slug, batch.pk]))
