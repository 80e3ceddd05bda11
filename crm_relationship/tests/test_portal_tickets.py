"""The page of a ticket says who works on it, what was promised and what happened, in the customer's words."""

from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.tests import tagged

from .portal import AHEAD, LATE, LATER, PortalTicketCase


@tagged("post_install", "-at_install")
class TestPortalTicketPage(PortalTicketCase):
    """What the page of a ticket says."""

    # --- people ---

    def test_who_works_on_the_ticket_comes_first_then_manager_and_company(self):
        self.make_key_account()
        self.ticket.user_id = self.deputy
        page = self.open_ticket()
        people = self.text(page, "ticket_people")
        self.assertIn("Works on your ticket Dario Deputy", people)
        self.assertLess(people.index("Dario"), people.index("Marta"))
        self.assertEqual(people.count("Dario"), 1)
        self.assertIn("Our Works", people)
        links = page.xpath("//*[@id='ticket_people']//a/@href")
        for link in ("mailto:dario@works.example", "tel:+4930102", "tel:+4930100"):
            self.assertIn(link, links)

    def test_without_an_owner_the_company_is_the_way_to_a_person(self):
        people = self.text(
            self.open(f"/my/ticket/{self.small_ticket.id}", self.small_user)
        )
        self.assertIn("Our team is there for you Our Works", people)

    def test_an_owner_who_left_is_not_shown(self):
        self.ticket.user_id = self.deputy
        self.deputy.active = False
        self.assertNotIn("Dario", self.text(self.open_ticket(), "ticket_people"))

    def test_a_person_is_on_every_page_also_before_the_form(self):
        self.log_in(self.key_user)
        for path in ("/my/tickets", "/new/ticket", self.path):
            text = self.text(self.open(path), "ticket_people")
            self.assertIn("hello@works.example", text, path)
        page = self.open("/new/ticket")
        [form] = page.xpath("//form[@action='/submitted/ticket']")
        self.assertTrue(form.xpath("preceding::section[@id='ticket_people']"))

    # --- the promise ---

    def set_promise(self, response=AHEAD, solution=LATER, **values):
        self.ticket.write(
            {
                "first_response_deadline": response,
                "resolution_deadline": solution,
                **values,
            }
        )

    def test_what_is_left_in_plain_words(self):
        now = fields.Datetime.now()
        self.set_promise(
            now + timedelta(hours=3, minutes=5, seconds=30),
            now + timedelta(days=1, hours=1, minutes=5),
        )
        page = self.open_ticket()
        state, text = self.promise(page, "first_response")
        self.assertEqual(state, "ahead")
        self.assertIn("3 hours and 5 minutes left", text)
        self.assertIn("1 day and 1 hour left", self.promise(page, "resolution")[1])

    def test_late_is_said_as_it_is(self):
        self.set_promise(fields.Datetime.now() - timedelta(hours=2, seconds=9))
        state, text = self.promise(self.open_ticket(), "first_response")
        self.assertEqual(state, "late")
        self.assertIn("We are late by 2 hours", text)
        self.assertIn("sorry", text)

    def test_an_answer_that_came_too_late_stays_one(self):
        self.set_promise(LATE, LATE, first_response_at=LATE + timedelta(minutes=30))
        page = self.open_ticket()
        state, text = self.promise(page, "first_response")
        self.assertEqual(state, "broken")
        self.assertIn("later than promised, by 30 minutes", text)
        self.set_promise(first_response_at=LATE)
        self.assertEqual(self.promise(self.open_ticket(), "first_response")[0], "kept")

    def test_while_we_wait_for_him_the_time_stands_still(self):
        self.set_promise(first_response_at=LATE)
        self.ticket.stage_id = self.awaiting
        page = self.open_ticket()
        self.assertIn("We wait for your answer", self.text(page, "ticket_waiting"))
        state, text = self.promise(page, "resolution")
        self.assertEqual(state, "paused")
        self.assertIn("stands still", text)

    def test_what_was_closed_while_we_waited_for_him_was_not_late(self):
        self.set_promise(first_response_at=LATE)
        self.ticket.stage_id = self.awaiting
        self.env.cr.execute(
            "UPDATE crm_relationship_ticket_event SET date = %s WHERE ticket_id = %s",
            [LATE, self.ticket.id],
        )
        self.ticket.stage_id = self.done
        self.ticket._write_silently({"resolution_deadline": LATE + timedelta(days=1)})
        state, text = self.promise(self.open_ticket(), "resolution")
        self.assertEqual(state, "kept")
        self.assertNotIn("sorry", text)

    def test_closed_without_an_answer(self):
        self.set_promise()
        self.ticket.stage_id = self.done
        page = self.open_ticket()
        self.assertEqual(self.promise(page, "first_response")[0], "dropped")
        self.assertIn("as promised", self.promise(page, "resolution")[1])

    def test_durations_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        ticket = self.ticket.with_context(lang="de_DE")
        self.assertEqual(ticket._get_duration_text(97200), "1 Tag und 3 Stunden")
        words = self.ticket._get_duration_text
        self.assertEqual(words(59), "less than a minute")
        self.assertEqual(words(60), "1 minute")
        self.assertEqual(words(86400), "1 day")

    # --- what happened ---

    def steps(self, page):
        return [
            " ".join(item.text_content().split())
            for item in page.xpath("//*[@id='ticket_steps']//li/span")
        ]

    def test_the_course_of_events_in_his_words_without_our_reasons(self):
        self.ticket.user_id = self.manager
        self.ticket.with_context(
            handover_reason="Too stupid for this"
        ).user_id = self.deputy
        self.ticket.message_post(
            body="We look into it",
            author_id=self.deputy.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.ticket.message_post(body="He is difficult", subtype_xmlid="mail.mt_note")
        self.ticket.stage_id = self.awaiting
        self.ticket.stage_id = self.done
        self.ticket.stage_id = self.in_progress
        self.env["crm.relationship.ticket.event"]._log(
            [self.ticket._prepare_event("escalated", promise="resolution")]
        )
        page = self.open_ticket()
        steps = self.steps(page)
        for words in (
            "Marta Manager looks after it",
            "Dario Deputy looks after it",
            "Waits for your answer",
            "Closed",
            "Reopened",
        ):
            self.assertIn(words, steps)
        self.assertTrue(any("answered" in step for step in steps))
        for secret in ("stupid", "difficult", "escalated", "Promise broken"):
            self.assertNotIn(secret, html.tostring(page, encoding="unicode"))

    def test_a_long_course_is_cut_and_said_so(self):
        vals = [self.ticket._prepare_event("customer_reply") for _number in range(60)]
        self.env["crm.relationship.ticket.event"]._log(vals)
        page = self.open_ticket()
        self.assertEqual(len(self.steps(page)), 50)
        self.assertIn("Older steps: 11", self.text(page, "ticket_steps"))

    def test_kind_and_product_are_shown(self):
        product = self.env["product.product"].create({"name": "Pump P1"})
        self.ticket.write(
            {"kind_id": self.kinds["question"].id, "product_id": product.id}
        )
        text = self.text(self.open_ticket())
        self.assertIn("Kind: Question", text)
        self.assertIn("Product: Pump P1", text)

    def test_messages_are_there_without_scripts_and_notes_are_not(self):
        self.ticket.message_post(
            body="Try the other valve",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.ticket.message_post(body="He is difficult", subtype_xmlid="mail.mt_note")
        page = self.open_ticket()
        text = self.text(page, "ticket_messages")
        self.assertIn("Try the other valve", text)
        self.assertNotIn("difficult", text)

    def test_a_page_costs_the_same_with_five_messages_and_with_forty(self):
        def count(number):
            for _number in range(number):
                self.ticket.message_post(
                    body="Hello",
                    author_id=self.key_user.partner_id.id,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            values = self.ticket._prepare_portal_values()
            values["messages"].mapped("author_id.name")
            return self.cr.sql_log_count - start

        count(1)
        self.assertAlmostEqual(count(5), count(35), delta=1)
