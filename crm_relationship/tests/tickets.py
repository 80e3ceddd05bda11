"""Tickets as tests need them: opened, answered and moved at given moments."""

from freezegun import freeze_time

from odoo import Command

from .common import RelationshipCase
from .refusal import RefusalCase

MONDAY = "2026-03-02"


class TicketCase(RelationshipCase, RefusalCase):
    """A team of two agents, a customer with a contact, and working hours from 8 to 16 UTC without a break."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.agent, cls.colleague = cls.users["helpdesk"], cls.users["manager"]
        cls.colleague.group_ids += cls.env.ref("helpdesk_mgmt.group_helpdesk_user")
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Eight hours",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"Day {day}",
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 16,
                            "day_period": "full_day",
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        cls.company.write(
            {
                "resource_calendar_id": cls.calendar.id,
                "helpdesk_mgmt_ticket_auto_assign": False,
            }
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Service",
                "company_id": cls.company.id,
                "user_ids": [Command.set((cls.agent | cls.colleague).ids)],
            }
        )
        cls.customer = cls.make_customer("Customer", email="customer@example.com")
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Contact",
                "email": "contact@example.com",
                "parent_id": cls.customer.id,
            }
        )
        for name in ("new", "in_progress", "awaiting", "done"):
            stage = cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            stage.company_id = False
            setattr(cls, name, stage)

    def make_ticket(self, moment, **values):
        """A ticket of the contact, opened at that moment."""
        with freeze_time(moment):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "Broken",
                    "description": "It broke.",
                    "partner_id": self.contact.id,
                    "team_id": self.team.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
            self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
            [moment, ticket.id],
        )
        self.env.cr.execute(
            "UPDATE crm_relationship_ticket_event SET date = %s WHERE ticket_id = %s",
            [moment, ticket.id],
        )
        self.env.invalidate_all()
        return ticket

    def post(self, ticket, moment, author=None, **values):
        """A message that both sides can read; of the agent unless said otherwise."""
        author = author or self.agent.partner_id
        with freeze_time(moment):
            return ticket.message_post(
                body="Hello",
                author_id=author.id,
                **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
                | values,
            )

    def move(self, ticket, moment, **values):
        with freeze_time(moment):
            ticket.write(values)

    def kinds_of(self, ticket):
        return ticket.event_ids.sorted(lambda event: (event.date, event.id)).mapped(
            "kind"
        )
