"""The comparison of results as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_xlsx
from perfmgmt.tenants.errors import NotFound
from reviews.calibration import comparing
from reviews.calibration.comparing import Comparison, Group
from reviews.permissions import COMPARE_RESULTS

EXPORT = "calibration.comparison"


def export_comparison(context: JobContext) -> dict[str, Any]:
    """Write the groups of a cycle that may be shown (params: cycle, by, language), as a workbook."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, COMPARE_RESULTS)
        cycle = comparing.cycles_to_compare().filter(pk=context.params["cycle"]).first()
        if cycle is None:
            raise NotFound
        found = comparing.compare(cycle, context.params["by"], viewer=viewer)
        rows = [_row(group, found) for group in (*found.groups, *([found.whole] if found.shows_whole else []))]
        return write_xlsx(context, f"comparison-{workspace.today()}.xlsx", _header(found), rows)


def _header(found: Comparison) -> list[str]:
    return [
        _t("Group"), _t("People"), _t("Mean before calibration"), _t("Mean after calibration"),
        _t("Change in points"), _t("Lowest"), _t("Lower quartile"), _t("Median"), _t("Upper quartile"), _t("Highest"),
        *(_t("Share of {grade}").format(grade=name) for name in found.order), _t("Mean the manager gave"),
    ]  # fmt: skip


def _row(group: Group, found: Comparison) -> list[Any]:
    after = group.after
    five = [after.least, after.first, after.median, after.third, after.most] if after else [None] * 5
    shares = {bar.grade: bar.share for bar in group.bars}
    before = group.before.mean if group.before else None
    values = [before, after.mean if after else None, group.difference, *five, *(shares.get(g) for g in found.order)]
    return [group.label, group.n, *map(_number, values), _number(group.given)]


def _number(value: Any) -> Any:
    return "" if value is None else float(round(value, 4))
