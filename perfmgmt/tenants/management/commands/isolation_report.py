from typing import Any

from django.core.management.base import BaseCommand

from perfmgmt.tenants.isolation import loose_ends, report


class Command(BaseCommand):
    help = "Show for every model what stands between its rows and other workspaces; exit 1 on a gap."

    def handle(self, *args: Any, **options: Any) -> None:
        findings, loose = report(), loose_ends()
        for finding in findings:
            self.stdout.write(str(finding))
        for problem in loose:
            self.stdout.write(f"VIOLATION: {problem}")
        violations = sum(len(finding.violations) for finding in findings) + len(loose)
        owned = sum(finding.owned for finding in findings)
        self.stdout.write(
            f"{len(findings)} models, {owned} owned by a workspace, {len(findings) - owned} not; "
            f"{violations} violations"
        )
        if violations:
            raise SystemExit(1)
