"""The pages of training side by side, for who may open them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.roles import SEES_EVERYBODY, Role
from reviews.permissions import SEE_TRAINING, SEE_TRAINING_RECORDS


def tabs(request: WorkspaceRequest, current: str) -> list[dict[str, object]]:
    """Return the pages that a viewer may open, as dicts url, word, current."""
    sees_others = bool(request.viewer.roles & {*SEES_EVERYBODY, Role.MANAGER})
    records = pgettext_lazy("training", "Records") if sees_others else _("My training")
    pages = (
        ("trainings", pgettext_lazy("training", "Sessions"), SEE_TRAINING),
        ("courses", pgettext_lazy("training", "Catalogue"), SEE_TRAINING),
        ("training_records", records, SEE_TRAINING_RECORDS),
    )
    return [
        {"url": reverse(name, args=[request.workspace.slug]), "word": word, "current": name == current}
        for name, word, permission in pages
        if request.viewer.may(permission)
    ]
