"""What a ticket is, and what a complaint needs before it can close."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged

from .tickets import MONDAY, TicketCase


@tagged("post_install", "-at_install")
class TestTicketKinds(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = cls.by_code("ticket.kind")
        cls.floor = cls.env["crm.relationship.policy"]._get_floor(cls.company)

    def test_a_complaint_needs_cause_and_remedy(self):
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00", kind_id=self.kinds["complaint"].id
        )
        with self.refused("Still empty: Cause, Remedy"):
            ticket.stage_id = self.done
        ticket.cause = "A worn seal"
        with self.refused("Still empty: Remedy"):
            ticket.with_user(self.agent).write({"stage_id": self.done.id})
        ticket.write({"remedy": "A new seal", "stage_id": self.done.id})
        with self.refused("Still empty: Remedy"):
            ticket.remedy = "  "

    def test_a_question_closes_without(self):
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00", kind_id=self.kinds["question"].id
        )
        ticket.stage_id = self.done
        self.assertTrue(ticket.resolved_at)

    def test_a_kind_has_its_own_promise(self):
        self.floor.kind_promise_ids = [
            Command.create(
                {
                    "kind_id": self.kinds["complaint"].id,
                    "first_response_hours": 2,
                    "resolution_hours": 4,
                }
            )
        ]
        complaint, question = (
            self.make_ticket(f"{MONDAY} 08:00:00", kind_id=self.kinds[code].id)
            for code in ("complaint", "question")
        )
        self.assertEqual(str(complaint.first_response_deadline), f"{MONDAY} 10:00:00")
        self.assertEqual(str(complaint.resolution_deadline), f"{MONDAY} 12:00:00")
        self.assertGreater(
            question.first_response_deadline, complaint.first_response_deadline
        )
        with freeze_time(f"{MONDAY} 08:00:00"):
            question.kind_id = self.kinds["complaint"]
        self.assertEqual(
            question.first_response_deadline, complaint.first_response_deadline
        )

    def test_what_the_floor_promises_by_kind_is_in_its_history(self):
        def told():
            return self.floor.message_ids[0].body

        values = {"first_response_hours": 4, "resolution_hours": 16}
        self.floor.kind_promise_ids = [
            Command.create({"kind_id": self.kinds["complaint"].id, **values})
        ]
        self.assertIn("Added: Complaint: first response in 4", told())
        self.floor.kind_promise_ids.first_response_hours = 12
        self.assertIn("in 4, resolution in 16", told())
        self.assertIn("in 12, resolution in 16", told())
        self.floor.kind_promise_ids.unlink()
        self.assertIn("Removed: Complaint", told())

    def test_no_kind_gets_less_than_the_floor(self):
        complaint = self.kinds["complaint"]
        self.floor.kind_promise_ids = [
            Command.create(
                {
                    "kind_id": complaint.id,
                    "first_response_hours": 2,
                    "resolution_hours": 4,
                }
            )
        ]
        policies = self.env["crm.relationship.policy"]
        policies.search(
            [("company_id", "=", self.company.id), ("is_floor", "=", False)]
        ).unlink()
        values = {
            "company_id": self.company.id,
            "segment_id": self.segments["key"].id,
            "first_response_hours": 4,
            "resolution_hours": 8,
        }
        with self.refused("“Complaint”"):
            policies.create(values)
        promise = {
            "kind_id": complaint.id,
            "first_response_hours": 1,
            "resolution_hours": 4,
        }
        policy = policies.create(
            {**values, "kind_promise_ids": [Command.create(promise)]}
        )
        with self.refused("the floor gives 2 and 4"):
            policy.kind_promise_ids.first_response_hours = 3
        with self.refused("-1 hours cannot be promised"):
            policy.kind_promise_ids.first_response_hours = -1
        with self.refused("the floor gives 2 and 4"):
            policy.kind_promise_ids.unlink()

    def test_the_form_shows_what_a_complaint_needs(self):
        agent = self.env(user=self.agent)
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        with Form(ticket.with_env(agent)) as form:
            form.kind_id = self.kinds["complaint"]
            form.cause = "A worn seal"
        self.assertEqual(ticket.cause, "A worn seal")
