"""Where a metric is used: by other metrics, and by what other apps register here (targets, import profiles, ...)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from perfmgmt.metrics.models import Metric


@dataclass(frozen=True)
class Use:
    """One place: a sentence in the reader's language, a page of the workspace (`url_name` with `args` and `query`).

    What `blocks` must go before the metric can be archived.
    """

    text: str
    url_name: str = ""
    args: tuple[int, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    blocks: bool = False


Finder = Callable[[Metric], list[Use]]
_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """Ask `finder(metric)` for uses, too; the same name again replaces it."""
    _finders[name] = finder


def uses_of(metric: Metric) -> list[Use]:
    """Return every place where a metric is used, other metrics first."""
    found = [
        Use(_role_of(metric, other), "metric", (other.pk,), blocks=other.archived_at is None)
        for other in users_of(metric)
    ]
    for name in sorted(_finders):
        found += _finders[name](metric)
    return found


def users_of(metric: Metric) -> list[Metric]:
    """Return the metrics that name this one."""
    named = Q(numerator=metric) | Q(denominator=metric) | Q(base=metric) | Q(target_metric=metric)
    return list(Metric.objects.filter(named))


def _role_of(metric: Metric, other: Metric) -> str:
    if metric.pk == other.numerator_id:
        text = _("Numerator of “{metric}”")
    elif metric.pk == other.denominator_id:
        text = _("Denominator of “{metric}”")
    elif metric.pk == other.base_id:
        text = _("Base of “{metric}”")
    else:
        text = _("Target behind “{metric}”")
    return text.format(metric=other.name)
