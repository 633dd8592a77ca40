"""Importing contacts of customers, in the job's one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import override

from perfmgmt.customers.models import ConsentState, Language
from perfmgmt.customers.rules import plain_email
from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.imports import runs
from perfmgmt.metrics.imports.contacts_mapping import CONTACT_TEXTS, ContactsMapping, contacts_mapping
from perfmgmt.metrics.imports.contacts_store import ContactRow, Store
from perfmgmt.metrics.imports.mapping import Text, require_columns
from perfmgmt.metrics.imports.parsing import Parser, fold, text_parser
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.reasons import Reason, Refusal
from perfmgmt.metrics.imports.sources import SourceFile
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.people.viewer import workspace_of
from perfmgmt.people.zones import known_names
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

KIND = "contacts.import"
REPORT_EVERY = 200
LENGTHS = {"company": 200, "external_id": 200, "customer_type": 60, "region": 60, "name": 120, "phone": 40,
           "title": 120, "consent_source": 120, "owner": 40}  # fmt: skip
LANGUAGES = {
    **dict.fromkeys(("zh-hans", "zh", "zh-cn", "cn", "chinese", "中文", "简体中文", "汉语"), Language.CHINESE),
    **dict.fromkeys(("en", "en-us", "en-gb", "english", "英文", "英语"), Language.ENGLISH),
}
CONSENTS = {
    **dict.fromkeys(("given", "yes", "y", "true", "1", "opt-in", "agreed", "同意", "已同意", "是", "有"), "given"),
    **dict.fromkeys(("withdrawn", "unsubscribed", "opt-out", "撤回", "已撤回", "退订", "已退订"), "withdrawn"),
    **dict.fromkeys(("refused", "no", "n", "false", "0", "拒绝", "已拒绝", "不同意", "否"), "refused"),
}


def run(context: JobContext) -> dict[str, Any]:
    """Import the uploaded file of the job (params: file, mapping, language); return the summary as JSON values.

    With `dry` in the params everything is done and undone again, so that the counts are exact and nothing stays.
    """
    with override(context.params.get("language", "en")):
        mapping = contacts_mapping(context.params["mapping"])
        workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
        path = Path(default_storage.path(context.params["file"]))
        file, summary = runs.open_file(path, mapping, context), runs.summary(context)
        with transaction.atomic():
            wait_lock(Lock.CUSTOMERS, current_tenant_id())
            store = Store(summary, workspace.today(), workspace.language, context.created_by_id)
            _import(file, mapping, store, context)
            transaction.set_rollback(runs.is_dry(context))
        return runs.result(context, file, summary)


def _import(file: SourceFile, mapping: ContactsMapping, store: Store, context: JobContext) -> None:
    reader, first = ContactsReader(mapping, store.summary), True
    for chunk in file.chunks():
        if first:
            require_columns(mapping.columns(), list(chunk.columns))
            first = False
        for number, row in enumerate(reader.rows(chunk)):
            if number % REPORT_EVERY == 0:
                context.report("publishing", file.bytes_read(), file.size, rows=row.row)
            store.save(row)
    context.report("publishing")


@dataclass
class ContactsReader:
    """Turns the rows of a file into contacts, refusing those that can't be used."""

    mapping: ContactsMapping
    summary: Summary
    parsers: dict[str, Parser] = field(init=False)

    def __post_init__(self) -> None:
        self.parsers = {part: text_parser({}, most) for part, most in LENGTHS.items()}
        self.parsers |= {
            "email": Parser(_email), "language": Parser(_word(LANGUAGES, "not_a_language")),
            "consent": Parser(_word(CONSENTS, "not_a_consent")), "time_zone": Parser(_zone),
        }  # fmt: skip

    def rows(self, chunk: Chunk) -> Iterator[ContactRow]:
        """Yield the contacts of the rows that can be used."""
        self.summary.rows += chunk.size
        for at in range(chunk.size):
            row = chunk.first_row + at
            if at in chunk.ragged:
                self.summary.refuse(row, Reason.of("ragged", found=chunk.ragged[at], wanted=len(chunk.columns)))
                continue
            if not all(c.holds(chunk.columns[c.column][at]) for c in self.mapping.conditions) or not any(
                column[at].strip() for column in chunk.columns.values()
            ):
                self.summary.skipped += 1
                continue
            try:
                yield self._row(chunk, at, row)
            except Refusal as refusal:
                self.summary.refuse(row, refusal.reason())

    def _row(self, chunk: Chunk, at: int, row: int) -> ContactRow:
        values = {part: self._parsed(chunk, part, at) for part in CONTACT_TEXTS}
        found = ContactRow(row=row, **values)
        if not (found.is_contact or found.company or found.external_id):
            raise Refusal("nameless_contact")
        return found

    def _parsed(self, chunk: Chunk, part: str, at: int) -> str:
        text = self.mapping.texts.get(part, Text())
        raw = text.constant
        if text.column:
            raw = chunk.columns[text.column][at].strip() if text.column in chunk.columns else ""
            raw = text.translate.get(raw, raw)
        value = self.parsers[part][raw]
        if value is None:
            reason = self.parsers[part].reason(raw, text.column or part)
            raise Refusal(reason.key, reason)
        return str(value)


def _email(text: str) -> str:
    address = plain_email(text)
    if address:
        try:
            validate_email(address)
            if len(address) > 254:
                raise ValidationError("too long")
        except ValidationError as error:
            raise Refusal("not_an_email") from error
    return address


def _word(known: dict[str, Any], key: str) -> Any:
    """Return what reads one of a few words, in whatever spelling; an empty text stays one."""

    def parse(text: str) -> str:
        if not text.strip():
            return ""
        if fold(text) not in known:
            raise Refusal(key)
        return str(known[fold(text)])

    return parse


def _zone(text: str) -> str:
    if text.strip() and text.strip() not in known_names():
        raise Refusal("not_a_time_zone")
    return text.strip()


assert set(CONSENTS.values()) == set(ConsentState.values)  # noqa: S101 - a word of a file for every state
