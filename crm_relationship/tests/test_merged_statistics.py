"""A merged duplicate is the same matter once more: no statistic of the service counts it.

Here a ticket is linked to that of another customer first, and counts; then both customers turn out to be one.
"""

import re

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..queries import dispatch, health
from ..queries.verdict import MERGED_BY
from .fcr_case import AFTER, MONDAY, TUESDAY, FcrCase

NOON = f"{MONDAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestMergedStatistics(FcrCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count_by(cls, "one_reply")
        cls.stranger = cls.make_customer("Stranger")
        cls.complaint = cls.by_code("ticket.kind")["complaint"]

    def make_pair(self, make):
        """A ticket, and one of a stranger that is marked as its duplicate."""
        kept, linked = make(), make(partner_id=self.stranger.id)
        linked.duplicate_id = kept
        self.assertFalse(linked._is_merged())
        return kept, linked

    def make_reopened(self, **values):
        ticket = self.make_closed(**values)
        self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.in_progress.id)
        return ticket

    def make_open(self, **values):
        return self.make_ticket(f"{MONDAY} 08:00:00", user_id=self.agent.id, **values)

    def become_one(self, linked):
        """The stranger turns out to work for the customer."""
        self.stranger.write({"is_company": False, "parent_id": self.customer.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(linked._is_merged())

    def as_agent(self, model):
        self.env.flush_all()
        self.env.invalidate_all()
        context = {"allowed_company_ids": self.company.ids, "tz": "UTC"}
        return self.env[model].with_user(self.agent).with_context(**context)

    # --- first contact ---

    def test_causes_of_second_contacts(self):
        kept, linked = self.make_pair(self.make_reopened)
        report = self.as_agent("crm.relationship.fcr.report")
        self.assertEqual(report.search([]).ticket_id, kept + linked)
        self.assertEqual(report.get_pareto()["states"], {"no": 2})
        self.become_one(linked)
        report = self.as_agent("crm.relationship.fcr.report")
        self.assertEqual(report.search([]).ticket_id, kept)
        found = report.get_pareto()
        self.assertEqual(found["states"], {"no": 1})
        self.assertEqual([bar["count"] for bar in found["bars"]], [1])

    def test_first_contact_on_desk_and_dashboard(self):
        kept, linked = self.make_pair(self.make_reopened)
        self.become_one(linked)
        tickets = self.as_agent("helpdesk.ticket")
        with freeze_time(f"{TUESDAY} 12:00:00"):
            desk, board = tickets.get_desk(), tickets.get_service_board(30)
        for found in (desk, board):
            [tile] = [tile for tile in found["tiles"] if tile["key"] == "fcr"]
            self.assertEqual(tile["count"], 1)
            self.assertEqual(tickets.search(tile["domain"]), kept)

    # --- work ---

    def test_load_of_a_colleague(self):
        def read():
            rows = self.as_agent("crm.relationship.workload")
            with freeze_time(NOON):
                [row] = rows.search([("user_id", "=", self.agent.id)])
                absence = self.env["crm.relationship.absence"].new(
                    {"user_id": self.agent.id}
                )
                now = fields.Datetime.now()
                loads = dispatch.fetch_loads(self.env, self.agent.ids, now)
                listed = rows.env["helpdesk.ticket"].search(
                    row.action_view_tickets()["domain"]
                )
                self.assertEqual(listed.company_id, row.company_id)
                return (
                    row.open_count,
                    row.promised_hours,
                    loads[self.agent.id].open,
                    absence.open_ticket_count,
                    len(listed),
                )

        _kept, linked = self.make_pair(self.make_open)
        before = read()
        self.assertEqual((before[0], *before[2:]), (2, 2, 2, 2))
        hours = before[1] / 2
        self.assertGreater(hours, 0)
        self.become_one(linked)
        after = read()
        self.assertEqual((after[0], *after[2:]), (1, 1, 1, 1))
        self.assertAlmostEqual(after[1], hours)

    def test_health_of_a_customer(self):
        def read():
            self.env.flush_all()
            now = fields.Datetime.to_datetime(NOON)
            start = fields.Datetime.subtract(now, years=1)
            query = health.health_measures(
                self.env, self.company.id, now, start, self.customer.ids
            )
            [row] = self.env.execute_query_dict(query)
            return row["open_tickets"]

        self.make_open()
        kept, copy = self.make_open(), self.make_open()
        self.assertEqual(read(), 3)
        copy.duplicate_id = kept
        self.assertEqual(read(), 2)

    # --- repeated complaints ---

    def complain(self, partner, **values):
        return self.make_open(
            partner_id=partner.id,
            kind_id=self.complaint.id,
            product_id=self.product.id,
            **values,
        )

    def find_problem(self):
        with freeze_time(f"{AFTER} 08:00:00"):
            return self.env["crm.relationship.problem"]._raise(self.company)

    def test_repeated_complaints(self):
        self.product = self.env["product.product"].create({"name": "Pump"})
        self.company.relationship_problem_customer_count = 2
        self.company.relationship_problem_repeat_count = 3
        first = self.complain(self.customer)
        again, copy = self.complain(self.customer), self.complain(self.customer)
        copy.duplicate_id = again
        self.assertFalse(self.find_problem())
        # the same of another customer is another complaint, whatever it is a duplicate of
        linked = self.complain(self.stranger, duplicate_id=first.id)
        problem = self.find_problem()
        self.assertEqual(problem.ticket_ids, first + again + linked)
        self.assertEqual((problem.ticket_count, problem.customer_count), (3, 2))
        again.duplicate_id = first
        self.assertEqual(problem.ticket_count, 2)
        listed = copy.search(problem.action_view_tickets()["domain"])
        self.assertEqual(listed, first + linked)
        again.duplicate_id = False
        self.assertEqual(problem.ticket_count, 3)

    def test_the_ticket_that_is_kept_takes_the_place_in_the_problem(self):
        self.product = self.env["product.product"].create({"name": "Pump"})
        self.company.relationship_problem_repeat_count = 3
        tickets = [self.complain(self.customer) for _n in range(3)]
        problem = self.find_problem()
        kept = self.make_open()
        tickets[0].duplicate_id = kept
        self.assertEqual(kept.problem_id, problem)
        self.assertEqual(problem.ticket_count, 3)
        alone = self.make_open()
        alone.no_problem_reason = "A leak of his own"
        tickets[1].duplicate_id = alone
        self.assertFalse(alone.problem_id)
        self.assertEqual(problem.ticket_count, 2)

    # --- what reports read ---

    def test_reports_see_what_was_just_written(self):
        product = self.env["product.product"].create({"name": "Pump"})
        ticket = self.make_reopened()
        self.env.flush_all()
        ticket.product_id = product
        report = self.env["crm.relationship.fcr.report"]
        self.assertTrue(report.search([("product_id", "=", product.id)]))

    def test_reports_name_every_field_of_tickets_that_they_read(self):
        for name in ("fcr.report", "workload"):
            report = self.env[f"crm.relationship.{name}"]
            found = re.findall(r'\bticket"?\."?(\w+)', report._table_query.code)
            read = {column for column in found if column != "id"}
            self.assertLessEqual({*MERGED_BY, "user_id"}, read, name)
            self.assertLessEqual(read, set(report._depends["helpdesk.ticket"]), name)
