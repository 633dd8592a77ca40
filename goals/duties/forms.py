"""Form of the metrics that measure a duty."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.models.library import Dimension


class MetricsForm(forms.Form):
    """The metrics of one duty, as boxes to tick, in the groups of the library."""

    metrics = forms.TypedMultipleChoiceField(
        label=_("Metrics"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, metrics: list[Metric], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["metrics"]
        words = dict(Dimension.choices)

        def dimension(metric: Metric) -> str:
            return metric.dimension

        ordered = sorted(metrics, key=dimension)
        field.choices = [
            (str(words.get(code, code or _t("Other"))), [(metric.pk, metric.name) for metric in group])
            for code, group in groupby(ordered, dimension)
        ]

    def groups(self) -> list[tuple[str, list[tuple[int, str, bool]]]]:
        """Return the boxes as the page shows them: (group, [(metric id, name, whether it is ticked)])."""
        ticked = {str(value) for value in self["metrics"].value() or ()}
        field: Any = self.fields["metrics"]
        return [(name, [(pk, word, str(pk) in ticked) for pk, word in boxes]) for name, boxes in field.choices]
