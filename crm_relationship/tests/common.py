"""What the tests of this addon share: records by code, users of every role, customers and their orders."""

from datetime import datetime

from freezegun import freeze_time
from freezegun.api import FakeDatetime

from odoo import Command, fields
from odoo.tests import TransactionCase
from odoo.tools import SQL

ROLES = {
    "public": ["base.group_public"],
    "portal": ["base.group_portal"],
    "internal": ["base.group_user"],
    "sales": ["base.group_user", "sales_team.group_sale_salesman"],
    "helpdesk": ["base.group_user", "helpdesk_mgmt.group_helpdesk_user"],
    "user": ["crm_relationship.group_relationship_user"],
    "officer": ["crm_relationship.group_relationship_officer"],
    "manager": ["crm_relationship.group_relationship_manager"],
}


class RelationshipMixin:
    """Helpers that need nothing but an environment of a superuser in ``cls.env``."""

    @classmethod
    def by_code(cls, model):
        """code -> record of crm.relationship.<model>."""
        records = (
            cls.env[f"crm.relationship.{model}"].sudo().search([("code", "!=", False)])
        )
        return {record.code: record for record in records}

    @classmethod
    def make_users(cls, company, **values):
        """role -> a user of the company who has this role and nothing more; the password is the login."""
        users = (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "login": f"relationship_{role}",
                        "password": f"relationship_{role}",
                        "name": f"relationship_{role}",
                        "email": "r.r@example.com",
                        "group_ids": [
                            Command.set([cls.env.ref(name).id for name in groups])
                        ],
                        "company_id": company.id,
                        "company_ids": [Command.set(company.ids)],
                        **values,
                    }
                    for role, groups in ROLES.items()
                ]
            )
        )
        return dict(zip(ROLES, users, strict=True))

    @classmethod
    def make_company(cls, name, basis="ordered", **values):
        return cls.env["res.company"].create(
            {"name": name, "relationship_revenue_basis": basis, **values}
        )

    @classmethod
    def make_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, **values}
        )

    @classmethod
    def make_order(cls, partner, date, *prices, company=None, **values):
        """A confirmed order of that date with one line per price."""
        company = company or cls.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for price in prices
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(date)
        return order

    def relationship_of(self, partner, company=None):
        """The relationship with a customer, archived or not; empty if there is none."""
        return (
            self.env["crm.relationship"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("partner_id", "=", partner.id),
                    ("company_id", "=", (company or self.company).id),
                ]
            )
        )

    def refresh(self, partners=None, company=None):
        """Refresh as the cron does; (rows inserted, rows written)."""
        partner_ids = None if partners is None else partners.ids
        return (
            self.env["crm.relationship"]
            .sudo()
            ._refresh(company or self.company, partner_ids)
        )

    def fetch(self, query):
        """(column names, rows) of a SELECT."""
        self.env.flush_all()
        self.env.cr.execute(SQL("%s", query))
        return [
            column.name for column in self.env.cr.description
        ], self.env.cr.fetchall()


class RelationshipCase(RelationshipMixin, TransactionCase):
    """One company that counts orders, alone with its customers, and a service to sell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Time goes on. But to freeze it takes a look through all modules, save where it is frozen already.
        if not isinstance(datetime.now(), FakeDatetime):
            cls.startClassPatcher(freeze_time(datetime.now(), tick=True))
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.make_company("Relationship Test")
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Hour", "type": "service"}
        )
        cls.segments = cls.by_code("segment")
        cls.types = cls.by_code("type")
        cls.stages = cls.by_code("stage")
