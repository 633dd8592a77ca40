"""Pages of customers, below `/w/<slug>/`."""

from django.urls import path

from perfmgmt.customers import contact_views, list_views, merge_views, views

urlpatterns = [
    path("customers/", list_views.customers, name="customers"),
    path("customers/export/", list_views.export_customers, name="export_customers"),
    path("customers/new/", views.add_customer, name="add_customer"),
    path("customers/duplicates/", list_views.duplicates, name="duplicates"),
    path("customers/contacts/", list_views.contacts, name="contacts"),
    path("customers/contacts/export/", list_views.export_contacts, name="export_contacts"),
    path("customers/contacts/new/", contact_views.add_loose_contact, name="add_loose_contact"),
    path("customers/contacts/<int:contact_id>/", contact_views.contact, name="contact"),
    path("customers/contacts/<int:contact_id>/edit/", contact_views.edit_contact, name="edit_contact"),
    path("customers/contacts/<int:contact_id>/consent/", contact_views.record_consent, name="record_consent"),
    path("customers/contacts/<int:contact_id>/erase/", contact_views.erase_contact, name="erase_contact"),
    path(
        "customers/contacts/<int:contact_id>/merge/<int:other_contact_id>/",
        merge_views.merge_contacts,
        name="merge_contacts",
    ),
    path("customers/consents/<int:consent_id>/", contact_views.consent_file, name="consent_file"),
    path("customers/<int:customer_id>/", views.customer, name="customer"),
    path("customers/<int:customer_id>/edit/", views.edit_customer, name="edit_customer"),
    path("customers/<int:customer_id>/owner/", views.set_owner, name="set_customer_owner"),
    path("customers/<int:customer_id>/contacts/new/", contact_views.add_contact, name="add_contact"),
    path(
        "customers/<int:customer_id>/merge/<int:other_customer_id>/",
        merge_views.merge_customers,
        name="merge_customers",
    ),
]
