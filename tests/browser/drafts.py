"""Files at every step of the import wizard, for the pages under test."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.batches import KIND, next_id
from perfmgmt.metrics.imports import contacts, facts, people, wizard
from perfmgmt.metrics.models import FactsBatch, ImportDraft
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.scope import tenant_scope

if TYPE_CHECKING:
    from tests.factories import Company

HEADER = "订单编号,业务员,成交日期,金额,客户名称,产品,支持人,支持比例"
ORDERS = f"""{HEADER}
W1,李安,03/04/2025,1200,恒达贸易,标准版,Bob Bell,30%
W2,Bob Bell,04/05/2025,800,明珠物流,专业版,,
W3,没有此人,04/05/2025,800,明珠物流,专业版,,
"""
STAFF = """姓名,工号,部门,岗位,上级,入职日期
新同事,N1,华北一部,销售助理,AC002,2025-03-03
无部门,N2,,销售助理,AC002,2025-03-03
"""
MAPPING = {
    "kind": "facts", "source": "wizard", "external_id": "订单编号", "employee": {"column": "业务员", "by": "name"},
    "attributes": {"customer": {"column": "客户名称"}, "product": {"column": "产品"}}, "date_formats": ["%d/%m/%Y"],
    "facts": [{"metric": "sales_amount", "day": "成交日期", "value": {"column": "金额"},
               "supported": "supported_sales_amount"}],
    "supporters": [{"column": "支持人", "by": "name", "share": {"column": "支持比例"}}],
}  # fmt: skip
PEOPLE = {
    "kind": "people", "name": {"column": "姓名"}, "number": {"column": "工号"}, "unit": [{"column": "部门"}],
    "position": {"column": "岗位"}, "hired_on": {"column": "入职日期"}, "manager": {"column": "上级", "by": "number"},
}  # fmt: skip
CONTACTS = {
    "kind": "contacts", "company": {"column": "公司"}, "name": {"column": "联系人"}, "email": {"column": "邮箱"},
    "consent": {"column": "是否同意"}, "owner": {"column": "归属人工号"},
}  # fmt: skip
PARTNERS = """公司,联系人,邮箱,语言,是否同意,归属人工号
明珠物流,赵敏,zhao.min@mingzhu.example,中文,同意,AC004
Riverbank Ltd,Rita River,rita@riverbank.example,en,,AC005
坏地址公司,钱七,qian@,中文,同意,AC004
"""

UNDONE = {
    "taken_back": 199, "restored": 3, "left": 1,
    "left_facts": [{"external_id": "SO-1001", "metric": "sales_amount", "why": "changed"}],
}  # fmt: skip


def drafts(company: Company) -> dict[str, list[Any]]:
    """Return the ids of drafts at every step, of facts and of people, one unusable; and of a profile."""
    made = [
        _draft(company, ORDERS),
        _draft(company, ORDERS, mapping=MAPPING),
        _draft(company, ORDERS, mapping=MAPPING, then="run"),
        _draft(company, ORDERS, mapping=MAPPING, then="undo"),
        _draft(company, STAFF, kind=people.KIND, name="人员.csv"),
        _draft(company, STAFF, kind=people.KIND, name="人员.csv", mapping=PEOPLE),
        _draft(company, PARTNERS, kind=contacts.KIND, name="联系人.csv"),
        _draft(company, PARTNERS, kind=contacts.KIND, name="联系人.csv", mapping=CONTACTS),
        _draft(company, PARTNERS, kind=contacts.KIND, name="联系人.csv", mapping=CONTACTS, then="run"),
        _draft(company, "PK\x03\x04 none", name="坏文件.xlsx"),
    ]
    with company.scope():
        viewer = viewer_in(company.users["owner"].pk, workspace_of(company.tenant).today())
        assert viewer is not None
        draft = ImportDraft.objects.get(pk=made[0])
        draft.mapping = MAPPING
        profile = wizard.save_profile(draft, "每月订单", overwrite=False, viewer=viewer)
        ImportDraft.objects.filter(pk=made[0]).update(mapping=None)
    return {"draft_id": made, "profile_id": [profile.pk]}


def batches(company: Company, token_id: int) -> list[int]:
    """Two batches as a program sent them, the first undone while one of its facts had changed since."""
    made = []
    with company.scope():
        for taken, undone in ((200, True), (5, False)):
            job = Job.objects.create(kind=KIND, state=JobState.DONE, result=UNDONE) if undone else None
            batch = FactsBatch.objects.create(
                id=next_id(), token_id=token_id, token_name="CRM 夜间同步", source="crm", added=taken, changed=3,
                unchanged=12, refused=1, undo_job_id=job.pk if job else None,
            )  # fmt: skip
            made.append(batch.pk)
    return made


def _draft(
    company: Company,
    text: str,
    *,
    kind: str = facts.KIND,
    name: str = "三月订单.csv",
    mapping: Any = None,
    then: str = "",
) -> int:
    """Upload a file as the owner and go as far as `then` (run, undo); return the draft's id."""
    with company.scope(), override("zh-hans"):
        viewer = viewer_in(company.users["owner"].pk, workspace_of(company.tenant).today())
        assert viewer is not None
        draft = wizard.upload(kind, SimpleUploadedFile(name, text.encode()), mapping, viewer=viewer)
    _work(company)
    for step in {"run": [wizard.run_import], "undo": [wizard.run_import, wizard.undo_import]}.get(then, []):
        with company.scope(), override("zh-hans"):
            step(draft, viewer=viewer)
        _work(company)
    return draft.pk


def _work(company: Company) -> None:
    """Do what the owner waits for, but for the jobs that the pages show as waiting."""
    with company.scope():
        waiting = list(
            Job.objects.filter(state=JobState.QUEUED, params__has_key="draft")
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    for job_id in waiting:
        jobs.run(partial(tenant_scope, company.tenant.pk), job_id)
