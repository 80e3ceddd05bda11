"""A ticket changes hands: who gave it to whom, and why."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_ticket_owner import NOW, OwnerCase
from .tickets import MONDAY


class HandoverCase(OwnerCase):
    def setUp(self):
        super().setUp()
        self.ticket = self.make_ticket(
            NOW, partner_id=self.stranger.id, user_id=self.agent.id
        )

    def hand_over(self, tickets=None, user=None, reason="Knows the machine.", **values):
        wizard = self.env["crm.relationship.handover.wizard"].with_user(self.agent)
        return wizard.create(
            {
                "ticket_ids": (tickets or self.ticket).ids,
                "user_id": user.id if user else self.third.id,
                "reason": reason,
                **values,
            }
        ).action_confirm()

    def last_event(self, ticket=None):
        events = (ticket or self.ticket).event_ids
        return events.filtered(lambda event: event.kind == "handed_over")[-1:]


@tagged("post_install", "-at_install")
@freeze_time(f"{MONDAY} 10:00:00")
class TestHandover(HandoverCase):
    def test_who_to_whom_and_why(self):
        self.hand_over()
        event = self.last_event()
        self.assertEqual(self.ticket.user_id, self.third)
        self.assertEqual(
            (event.from_user_id, event.to_user_id, event.user_id),
            (self.agent, self.third, self.agent),
        )
        self.assertEqual(event.reason, "Knows the machine.")
        self.assertEqual(self.ticket.handover_count, 1)
        self.assertIn(
            "Knows the machine.", self.ticket.message_ids[:2].mapped("body")[-1]
        )

    def test_several_at_once(self):
        other = self.make_ticket(NOW, user_id=self.colleague.id)
        self.hand_over(self.ticket | other)
        self.assertEqual((self.ticket | other).user_id, self.third)
        self.assertEqual(self.last_event(other).from_user_id, self.colleague)

    def test_to_another_team_that_decides_by_itself(self):
        team = self.team.copy({"name": "Workshop", "user_ids": False})
        self.hand_over(user=self.env["res.users"], user_id=False, team_id=team.id)
        event = self.last_event()
        self.assertFalse(self.ticket.user_id)
        self.assertEqual((self.ticket.team_id, event.to_team_id), (team, team))
        self.assertEqual(event.reason, "Knows the machine.")

    def test_a_reason_of_blanks_is_none(self):
        with self.assertRaisesRegex(ValidationError, "in a few words"):
            self.hand_over(reason="   ")

    def test_nothing_to_hand_over_is_said(self):
        with self.assertRaisesRegex(UserError, "Nothing would change"):
            self.hand_over(user=self.agent)

    def test_nobody_from_outside_gets_a_ticket(self):
        with self.assertRaisesRegex(ValidationError, "no internal user"):
            self.hand_over(user=self.users["portal"])

    def test_nobody_gets_a_ticket_of_a_company_that_is_not_his(self):
        stranger = self.make_agent("stranger")
        other = self.make_company("Relationship Other")
        stranger.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.refused("does not work for", ValidationError):
            self.hand_over(user=stranger)

    def test_who_may_not_write_a_ticket_may_not_hand_it_over(self):
        wizard = self.env["crm.relationship.handover.wizard"]
        with self.assertRaises(AccessError):
            wizard.with_user(self.users["internal"]).create(
                {"ticket_ids": self.ticket.ids, "reason": "Mine."}
            )

    def test_the_customer_is_told_where_wanted(self):
        self.hand_over(message="<p>A colleague goes on.</p>")
        told = self.ticket.message_ids.filtered(
            lambda message: not message.subtype_id.internal
            and "goes on" in message.body
        )
        self.assertEqual(len(told), 1)

    def test_who_sees_only_the_own_tickets_can_give_one_away(self):
        self.agent.group_ids = self.env.ref("base.group_user") + self.env.ref(
            "helpdesk_mgmt.group_helpdesk_user_own"
        )
        self.hand_over()
        self.assertEqual(self.ticket.user_id, self.third)
        self.assertEqual(self.last_event().reason, "Knows the machine.")


@tagged("post_install", "-at_install")
@freeze_time(f"{MONDAY} 10:00:00")
class TestHandoverWithoutWizard(HandoverCase):
    def find_without_reason(self):
        view = self.env.ref("crm_relationship.helpdesk_ticket_view_search_dispatch")
        self.assertIn("handed_over_without_reason", view.arch)
        return self.env["helpdesk.ticket"].search(
            [
                ("id", "=", self.ticket.id),
                (
                    "event_ids",
                    "any",
                    [
                        ("kind", "=", "handed_over"),
                        ("reason", "=", False),
                        ("is_reconstructed", "=", False),
                    ],
                ),
            ]
        )

    def test_a_write_without_a_reason_is_written_down_and_found(self):
        self.assertFalse(self.find_without_reason())
        self.ticket.user_id = self.colleague
        self.assertEqual(self.last_event().to_user_id, self.colleague)
        self.assertEqual(self.find_without_reason(), self.ticket)

    def test_taking_what_nobody_owns_is_free(self):
        self.ticket.user_id = False
        self.ticket.with_user(self.third).assign_to_me()
        self.assertEqual(self.ticket.user_id, self.third)

    def test_taking_a_colleagues_ticket_asks_for_a_reason(self):
        action = self.ticket.with_user(self.third).assign_to_me()
        self.assertEqual(action["res_model"], "crm.relationship.handover.wizard")
        self.assertEqual(self.ticket.user_id, self.agent)
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.third)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.user_id, self.third)
        wizard.reason = "He is ill."
        wizard.save().action_confirm()
        self.assertEqual(self.ticket.user_id, self.third)

    def test_the_form_locks_an_owner_but_not_the_first_choice(self):
        ticket = self.ticket.with_user(self.colleague)
        with Form(ticket) as form:
            self.assertTrue(form.is_owned)
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.user_id = self.third
        ticket.user_id = False
        with Form(ticket) as form:
            form.user_id = self.third
            form.user_id = self.colleague
        self.assertEqual(self.ticket.user_id, self.colleague)

    def test_a_new_customer_in_the_form_is_the_reason(self):
        ticket = self.make_ticket(NOW)
        self.assertEqual(ticket.user_id, self.manager)
        self.relationship_of(self.stranger).write(
            {"manager_id": self.third.id, "segment_id": self.segments["key"].id}
        )
        with Form(ticket) as form:
            form.partner_id = self.stranger
        self.assertEqual(ticket.user_id, self.third)
        self.assertIn("new customer", self.last_event(ticket).reason)
