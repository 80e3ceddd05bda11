"""What the tests of the interaction contract share: customers, colleagues and what they exchange."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from .common import RelationshipCase

NOW = datetime(2026, 3, 16, 10)

CONTRACT = (
    "company_id",
    "partner_id",
    "contact_id",
    "user_id",
    "date",
    "channel",
    "direction",
    "initiative",
    "level",
    "minutes",
    "document_model",
    "document_id",
)

MINUTES = {
    "visit": 120,
    "meeting": 60,
    "video": 30,
    "phone": 10,
    "chat": 5,
    "email": 5,
    "letter": 15,
    "portal": 0,
}


class InteractionCase(RelationshipCase):
    """Customers with contacts and documents of every kind, colleagues, and the naive reference."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer("Customer", company_id=cls.company.id)
        cls.buyer = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.customer.id}
        )
        cls.colleague = cls.make_colleague("colleague")
        cls.former = cls.make_colleague("former")
        cls.former.active = False
        cls.visitor = new_test_user(
            cls.env,
            "relationship_visitor",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.visitor.partner_id.parent_id = cls.customer
        cls.note = cls.env.ref("mail.mt_note")
        cls.comment = cls.env.ref("mail.mt_comment")

    @classmethod
    def make_colleague(cls, login):
        return new_test_user(
            cls.env,
            f"relationship_{login}",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def make_ticket(cls, partner, **values):
        """A ticket that a colleague made an hour ago."""
        ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "Help",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        cls.set_created(ticket, NOW - timedelta(hours=1))
        return ticket

    @classmethod
    def set_created(cls, record, moment, user=None):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s, create_uid = %s WHERE id = %s",
                SQL.identifier(record._table),
                moment,
                (user or cls.env.user).id,
                record.id,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def make_lead(cls, partner, **values):
        return cls.env["crm.lead"].create(
            {"name": "Lead", "partner_id": partner.id, **values}
        )

    @classmethod
    def write_message(cls, document, author, moment=NOW, **values):
        """A message on a document, as a mail of the author unless the values say otherwise."""
        return cls.env["mail.message"].create(
            {
                "model": document._name,
                "res_id": document.id,
                "author_id": author.id,
                "date": moment,
                "message_type": "email",
                "subtype_id": cls.comment.id,
                "record_company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def do_activity(cls, document, xmlid, day=NOW, **values):
        """An activity done on a day by a colleague."""
        activity = cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get(document._name).id,
                "res_id": document.id,
                "activity_type_id": cls.env.ref(xmlid).id,
                "user_id": cls.colleague.id,
                **values,
            }
        )
        with freeze_time(day):
            activity.action_feedback()
        activity.flush_recordset()
        cls.env.cr.execute(
            SQL(
                "UPDATE mail_activity SET write_date = %s WHERE id = %s",
                day,
                activity.id,
            )
        )
        return activity

    def interactions(self, **only):
        """The rows of the contract of the test's company as dicts, oldest first, those that have these values."""
        _names, rows = self.fetch(
            self.env["crm.relationship.source"]._get_interaction_query()
        )
        rows = [dict(zip(CONTRACT, row, strict=True)) for row in rows]
        only.setdefault("company_id", self.company.id)
        rows = [
            row
            for row in rows
            if all(row[name] == value for name, value in only.items())
        ]
        return sorted(
            rows, key=lambda row: (row["date"], row["document_id"], row["direction"])
        )

    def values(self, *names, **only):
        """Only these columns of the interactions."""
        return [tuple(row[name] for name in names) for row in self.interactions(**only)]
