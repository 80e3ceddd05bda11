"""A duplicate is merged: what was written and counted on it is on the ticket that is kept."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .mails import CUSTOMER, MailGatewayCase
from .tickets import MONDAY


@tagged("post_install", "-at_install")
class TestTicketMerge(MailGatewayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.helpdesk_mgmt_duplicate_tracking = True

    def merge(self, duplicate, kept, user=None):
        self.env["helpdesk.ticket.duplicate.wizard"].with_user(
            user or self.agent
        ).create(
            {
                "ticket_id": duplicate.id,
                "duplicate_of_id": kept.id,
                "target_stage_id": self.done.id,
            }
        ).action_confirm()

    def make_pair(self):
        """A duplicate of 8 o'clock that was answered, reopened and handed over, and the ticket of 9 that is kept."""
        duplicate = self.make_ticket(f"{MONDAY} 08:00:00", user_id=self.agent.id)
        kept = self.make_ticket(f"{MONDAY} 09:00:00")
        self.post(duplicate, f"{MONDAY} 10:00:00", attachments=[("a.txt", b"a")])
        self.move(duplicate, f"{MONDAY} 10:10:00", stage_id=self.done.id)
        self.post(duplicate, f"{MONDAY} 10:20:00", author=self.contact)
        self.move(duplicate, f"{MONDAY} 10:30:00", user_id=self.colleague.id)
        self.post(kept, f"{MONDAY} 11:00:00")
        self.post(kept, f"{MONDAY} 11:10:00", author=self.contact)
        return duplicate, kept

    def test_every_message_and_counter_is_kept(self):
        duplicate, kept = self.make_pair()
        duplicate.message_subscribe(self.customer.ids)
        texts = duplicate.message_ids | kept.message_ids
        self.merge(duplicate, kept)
        self.assertLessEqual(texts, kept.message_ids)
        self.assertEqual(kept.attachment_ids.mapped("name"), ["a.txt"])
        self.assertIn(self.customer, kept.message_partner_ids)
        self.assertEqual((kept.agent_reply_count, kept.customer_reply_count), (2, 2))
        self.assertEqual((kept.reopen_count, kept.handover_count), (1, 1))
        self.assertEqual(duplicate.stage_id, self.done)
        self.assertEqual(
            (duplicate.agent_reply_count, duplicate.customer_reply_count), (0, 0)
        )

    def test_the_clock_is_that_of_the_older_one(self):
        duplicate, kept = self.make_pair()
        self.merge(duplicate, kept)
        self.assertEqual(str(kept._get_start()), f"{MONDAY} 08:00:00")
        self.assertEqual(str(kept.first_response_at), f"{MONDAY} 10:00:00")
        self.assertAlmostEqual(kept.first_response_hours, 2)
        self.assertEqual(str(kept.resolution_deadline), "2026-03-06 16:00:00")
        self.assertFalse(kept.resolved_at)
        self.assertFalse(duplicate.next_deadline)

    def test_not_solved_after_all_opens_the_kept_one(self):
        self.company.fcr_definition = "customer_says"
        duplicate, kept = self.make_pair()
        self.merge(duplicate, kept)
        kept.stage_id = self.done
        duplicate._answer_solved("no")
        with self.refused(f"{duplicate.number} is open again", UserError):
            duplicate._answer_solved("yes")
        self.assertEqual(duplicate.stage_id, self.done)
        self.assertFalse(kept.closed)
        self.assertEqual(kept.is_solved_by_customer, "no")

    def test_both_say_what_became_of_them(self):
        duplicate, kept = self.make_pair()
        self.merge(duplicate, kept)
        self.assertIn(kept.number, duplicate.message_ids[0].body)
        self.assertIn(duplicate.number, kept.message_ids[0].body)
        self.assertIn("It broke.", kept.message_ids[0].body)

    def test_a_mail_to_the_duplicate_reaches_the_kept_one(self):
        duplicate, kept = self.make_pair()
        answer = duplicate.message_ids[0]
        self.merge(duplicate, kept)
        note = duplicate.message_ids[0]
        for message in (answer, note):
            ticket = self.receive(CUSTOMER, f"{MONDAY} 12:00:00", message)
            self.assertEqual(ticket, kept)
        self.post(duplicate, f"{MONDAY} 13:00:00", author=self.contact)
        self.assertEqual(kept.customer_reply_count, 4)  # an answer to a note is a note
        self.assertEqual(duplicate.stage_id, self.done)

    def test_duplicates_of_duplicates(self):
        first, second = self.make_pair()
        third = self.make_ticket(f"{MONDAY} 12:00:00")
        answer = first.message_ids[0]
        self.merge(first, second)
        self.merge(second, third)
        self.assertEqual((third.agent_reply_count, third.customer_reply_count), (2, 2))
        self.assertEqual((third.reopen_count, third.handover_count), (1, 1))
        self.assertEqual(str(third._get_start()), f"{MONDAY} 08:00:00")
        self.assertEqual(first._get_kept(), third)
        self.assertEqual(self.receive(CUSTOMER, f"{MONDAY} 13:00:00", answer), third)

    def test_what_is_no_duplicate_after_all_has_its_own_again(self):
        first, second = self.make_pair()
        third = self.make_ticket(f"{MONDAY} 12:00:00")
        counters = (
            "agent_reply_count",
            "customer_reply_count",
            "reopen_count",
            "handover_count",
            "first_response_at",
        )

        def read(tickets):
            self.env.invalidate_all()
            said = [
                {message.id for message in ticket.event_ids.message_id}
                for ticket in tickets
            ]
            return said, [[ticket[name] for name in counters] for ticket in tickets]

        before = read(first | second | third)
        files = first.attachment_ids
        self.merge(first, second)
        merged = read(first | second)
        self.merge(second, third)
        second.duplicate_id = False
        self.assertEqual(read(first | second), merged)
        self.assertEqual(read(third), ([before[0][2]], [before[1][2]]))
        self.assertFalse(third.duplicate_opened_at)
        first.duplicate_id = False
        self.assertEqual(read(first | second | third), before)
        self.assertLessEqual(before[0][0], set(first.message_ids.ids))
        self.assertEqual(first.attachment_ids, files)
        self.assertIn("no duplicate", second.message_ids[0].body)

    def test_a_complaint_that_is_only_linked_needs_its_own_remedy(self):
        complaint = self.by_code("ticket.kind")["complaint"]
        kept = self.make_ticket(f"{MONDAY} 08:00:00")
        linked = self.make_ticket(
            f"{MONDAY} 08:00:00",
            partner_id=self.make_customer("Other").id,
            kind_id=complaint.id,
        )
        linked.duplicate_id = kept
        with self.refused("which closes only with", ValidationError):
            linked.stage_id = self.done
        merged = self.make_ticket(f"{MONDAY} 08:00:00", kind_id=complaint.id)
        self.merge(merged, kept)
        self.assertEqual(merged.stage_id, self.done)

    def test_a_complaint_that_is_no_duplicate_after_all_needs_its_remedy(self):
        complaint = self.by_code("ticket.kind")["complaint"]
        kept = self.make_ticket(f"{MONDAY} 08:00:00")
        merged = self.make_ticket(f"{MONDAY} 08:00:00", kind_id=complaint.id)
        self.merge(merged, kept)
        with self.refused("which closes only with", ValidationError):
            merged.duplicate_id = False

    def test_who_is_no_duplicate_after_all_is_warned_of(self):
        kept = self.make_ticket(f"{MONDAY} 08:00:00")
        merged = self.make_ticket(f"{MONDAY} 08:00:00")
        moments = (merged.next_warning_at, merged.next_escalation_at)
        self.assertTrue(all(moments))
        merged.duplicate_id = kept
        self.assertFalse(merged.next_warning_at or merged.next_escalation_at)
        merged.duplicate_id = False
        self.assertEqual((merged.next_warning_at, merged.next_escalation_at), moments)

    def test_of_another_customer_it_is_only_linked(self):
        duplicate = self.make_ticket(f"{MONDAY} 08:00:00")
        self.post(duplicate, f"{MONDAY} 09:00:00")
        other = self.make_ticket(
            f"{MONDAY} 08:00:00", partner_id=self.make_customer("Other").id
        )
        known = duplicate.message_ids
        self.merge(duplicate, other)
        self.assertLessEqual(known, duplicate.message_ids)
        self.assertFalse(other.agent_reply_count)
        self.assertEqual(duplicate._get_kept(), duplicate)
        self.assertIn("another customer", duplicate.message_ids[0].body)

    def test_the_kept_one_learns_its_customer(self):
        duplicate = self.make_ticket(f"{MONDAY} 08:00:00")
        kept = self.make_ticket(f"{MONDAY} 08:00:00", partner_id=False)
        self.merge(duplicate, kept)
        self.assertEqual(kept.partner_id, self.contact)
        self.assertEqual(kept.relationship_id, duplicate.relationship_id)

    def test_a_ticket_that_is_older_than_the_addon(self):
        duplicate, kept = self.make_pair()
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = ANY(%s)",
            [(duplicate | kept).ids],
        )
        self.env.invalidate_all()
        self.merge(duplicate, kept)
        self.assertEqual((kept.agent_reply_count, kept.customer_reply_count), (2, 2))

    def test_a_circle_ends(self):
        first, second = self.make_pair()
        first.duplicate_id = second
        second.duplicate_id = first
        self.assertIn(first._get_kept(), first | second)
