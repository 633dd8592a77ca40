from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory


class Migration(migrating.Migration):
    dependencies = [("people", "0010_history")]

    operations = [
        SecureHistory("AbsenceEvent"),
        SecureHistory("AssignmentEvent"),
        SecureHistory("EmployeeEvent"),
        SecureHistory("InvitationEvent"),
        SecureHistory("MembershipEvent"),
        SecureHistory("PositionEvent"),
        SecureHistory("StandInEvent"),
        SecureHistory("UnitEvent"),
    ]
