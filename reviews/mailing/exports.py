"""The list of addresses that get no more surveys as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.notify import suppression
from perfmgmt.people.permissions import SEE_MAIL
from reviews.mailing.selectors import read

EXPORT = "mail.suppressed.export"


def export_suppressed(context: JobContext) -> dict[str, Any]:
    """Write the list as it is filtered and sorted (params: query, language). Addresses are kept as hashes only."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, SEE_MAIL)
        found = suppression.listed(**read(context.params["query"]))
        header = [_t("Address"), _t("Hash of the address"), _t("Reason"), _t("Detail"), _t("Since")]
        rows = (
            (one.hint, one.address_hash, one.get_reason_display(), one.detail, one.at.isoformat())
            for one in found.iterator(chunk_size=2000)
        )
        return write_csv(context, f"suppressed-{workspace.today()}.csv", header, rows)
