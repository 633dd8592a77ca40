"""Pages of remarks, below `/w/<slug>/`."""

from django.urls import path

from reviews.remarks import views

REMARK = "surveys/remarks/<int:remark_id>/"
urlpatterns = [
    path("surveys/remarks/", views.remarks, name="remarks"),
    path("surveys/remarks/export/", views.export_remarks, name="export_remarks"),
    path("surveys/remarks/new/", views.log_remark, name="log_remark"),
    path("surveys/remarks/proofs/<int:remark_proof_id>/", views.remark_proof, name="remark_proof"),
    path("surveys/remarks/of/<int:contact_id>/", views.contact_remarks, name="contact_remarks"),
    path(REMARK, views.remark, name="remark"),
    path(f"{REMARK}edit/", views.edit_remark, name="edit_remark"),
    path(f"{REMARK}decide/", views.decide_remark, name="decide_remark"),
    path(f"{REMARK}withdraw/", views.withdraw_remark, name="withdraw_remark"),
    path("people/<int:employee_id>/remarks/", views.person_remarks, name="person_remarks"),
]
