"""A ticket is opened, followed, answered, reopened and closed by its customer, who always finds a person."""

from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields, http
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import JsonRpcException, tagged

from .portal import AHEAD, LATE, LATER, PortalCase
from .test_helpdesk_holes import NO_IDS

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"


class PortalTicketCase(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("new", "in_progress", "awaiting", "done"):
            stage = cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            stage.company_id = False
            setattr(cls, name, stage)
        cls.kinds = cls.by_code("ticket.kind")
        cls.ticket = cls.key_ticket
        cls.path = f"/my/ticket/{cls.ticket.id}"

    def open_ticket(self, user=None):
        return self.open(self.path, user or self.key_user)

    def promise(self, page, name):
        """(state, text) of a promise on the page of the ticket."""
        [node] = page.xpath(f"//*[@id='ticket_promises']/div[@name='{name}']")
        return node.get("data-state"), " ".join(node.text_content().split())

    def get_messages(self, ticket=None):
        ticket = ticket or self.ticket
        return self.env["mail.message"].search(
            [
                ("model", "=", "helpdesk.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "comment"),
            ]
        )


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
        self.assertEqual(people.count("Dario"), 2)  # name and address, once
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


@tagged("post_install", "-at_install")
class TestPortalTicketActs(PortalTicketCase):
    """What a customer does with his ticket."""

    def setUp(self):
        super().setUp()
        self.log_in(self.key_user)

    def reopen(self, reason="It is loud again", **kwargs):
        return self.post(f"{self.path}/reopen", reason=reason, **kwargs)

    def reply(self, text, **kwargs):
        return self.post(f"{self.path}/reply", text=text, **kwargs)

    # --- reopening and answering ---

    def test_the_form_to_reopen_is_there_when_it_is_closed_only(self):
        self.assertFalse(self.open_ticket().xpath("//*[@id='ticket_reopen']"))
        self.ticket.stage_id = self.done
        [form] = self.open_ticket().xpath("//*[@id='ticket_reopen']//form")
        self.assertEqual(form.method, "POST")
        self.assertTrue(form.fields["csrf_token"])
        [reason] = form.xpath(".//textarea[@name='reason']")
        self.assertEqual(reason.get("required"), "required")

    def test_his_reason_is_a_message_of_his(self):
        self.ticket.stage_id = self.done
        response = self.reopen()
        self.assertEqual(response.status_code, 200)
        message = self.get_messages()[:1]
        self.assertEqual(message.author_id, self.key_user.partner_id)
        self.assertIn("It is loud again", message.body)
        self.assertEqual(self.ticket.customer_reply_count, 1)

    def test_without_a_reason_he_is_asked_for_it(self):
        self.ticket.stage_id = self.done
        for empty in ("", "  \n", "\0"):
            page = html.fromstring(self.reopen(empty).text)
            self.assertIn("say in a few words why", self.text(page, "reopen_problem"))
        self.assertFalse(self.get_messages())
        self.assertTrue(self.ticket.closed)

    def test_his_answer_puts_a_waiting_ticket_back_to_work(self):
        self.ticket.stage_id = self.awaiting
        self.assertEqual(self.reply("Here is the number").status_code, 200)
        self.assertFalse(self.ticket.is_waiting_customer)
        self.assertEqual(self.ticket.customer_reply_count, 1)

    def test_a_form_that_is_sent_twice_is_posted_once(self):
        for _number in range(2):
            self.reply("Twice,\n said")
        self.assertEqual(len(self.get_messages()), 1)
        self.reply("Something else")
        self.assertEqual(len(self.get_messages()), 2)

    def test_the_same_words_an_hour_later_are_new(self):
        with freeze_time(fields.Datetime.now() - timedelta(hours=1)):
            self.ticket._post_from_portal("And now?", self.key_user.partner_id)
        self.reply("And now?")
        self.assertEqual(len(self.get_messages()), 2)

    def test_script_in_an_answer_is_text(self):
        self.reply(SCRIPT)
        body = self.get_messages().body
        self.assertNotIn("<script", body)
        self.assertNotIn("<img", body)
        self.assertIn("&lt;script&gt;", body)

    def test_script_through_the_chatter_is_cleaned(self):
        self.open_ticket()
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": self.ticket.id,
                "post_data": {
                    "body": SCRIPT,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
                "token": self.ticket.access_token,
            },
        )
        [message] = self.get_messages()
        self.assertNotIn("<script", message.body)
        self.assertNotIn("<img", message.body)

    def test_the_ticket_of_another_is_not_found(self):
        self.log_in(self.small_user)
        self.ticket.stage_id = self.done
        answers = [self.reopen(), self.reply("Hello")]
        answers.append(self.post(f"/my/ticket/{2**31 - 1}/reopen", reason="Hello"))
        answers.append(self.post(f"/my/ticket/{10**12}/reply", text="Hello"))
        for response in answers:
            self.assertEqual(response.status_code, 404)
            self.assertNotIn("The pump is loud", response.text)
        self.assertFalse(self.get_messages())

    def test_a_forged_form_and_an_address_alone_do_nothing(self):
        self.ticket.stage_id = self.done
        for token in (None, "forged"):
            data = {"reason": "Hello"}
            response = self.url_open(
                f"{self.path}/reopen",
                data=dict(data, csrf_token=token) if token else data,
            )
            self.assertEqual(response.status_code, 400)
        self.assertIn(
            self.url_open(f"{self.path}/reopen?reason=Hello").status_code, (404, 405)
        )
        self.assertFalse(self.get_messages())

    def test_who_is_not_logged_in_cannot_answer(self):
        self.authenticate(None, None)
        self.assertIn(self.reply("Hello", follow=False).status_code, (303, 400))
        self.assertFalse(self.get_messages())

    def test_a_visitor_with_the_link_follows_it_and_has_no_forms(self):
        self.ticket._portal_ensure_token()
        self.ticket.stage_id = self.done
        self.authenticate(None, None)
        page = self.open(f"{self.path}/{self.ticket.access_token}")
        self.assertIn("hello@works.example", self.text(page, "ticket_people"))
        self.assertFalse(page.xpath("//*[@id='ticket_reopen']"))

    # --- closing ---

    def close(self):
        return self.post(
            "/ticket/close", ticket_id=self.ticket.id, stage_id=self.done.id
        )

    def test_he_closes_his_complaint_without_cause_and_remedy(self):
        self.ticket.kind_id = self.kinds["complaint"]
        self.assertEqual(self.close().status_code, 200)
        self.assertEqual(self.ticket.stage_id, self.done)
        self.assertEqual(self.ticket.cause, "Closed by the customer.")
        self.assertEqual(self.ticket.remedy, "Closed by the customer.")

    def test_what_we_wrote_about_his_complaint_stays(self):
        self.ticket.write(
            {"kind_id": self.kinds["complaint"].id, "cause": "A loose screw"}
        )
        self.close()
        self.assertEqual(self.ticket.cause, "A loose screw")
        self.assertEqual(self.ticket.remedy, "Closed by the customer.")

    def test_a_question_closes_without_them(self):
        self.close()
        self.assertFalse(self.ticket.cause)

    # --- past the pages ---

    def call(self, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": "helpdesk.ticket",
                "method": method,
                "args": args,
                "kwargs": kwargs,
            },
        )

    def test_a_customer_writes_no_ticket_through_rpc(self):
        for values in (
            {"stage_id": self.done.id},
            {"name": "Mine"},
            {"product_id": False},
            {"first_response_deadline": "2099-01-01"},
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.call("write", [self.ticket.id], values)
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self.call("create", [{"name": "x", "description": "x"}])
        self.assertFalse(self.ticket.closed)

    def test_a_customer_reads_no_problem_and_none_of_our_fields_through_rpc(self):
        fields_ = ["problem_id", "no_problem_reason", "portal_key"]
        for name in fields_:
            with self.assertRaises(AccessError):
                self.ticket.with_user(self.key_user).sudo(False).read([name])
        problems = self.env["crm.relationship.problem"].with_user(self.key_user)
        with self.assertRaises(AccessError):
            problems.sudo(False).search([])

    def test_an_agent_closes_no_complaint_without_remedy_through_rpc(self):
        self.manager.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_user")
        self.ticket.kind_id = self.kinds["complaint"]
        self.log_in(self.manager)
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self.call("write", [self.ticket.id], {"stage_id": self.done.id})
        self.assertFalse(self.ticket.closed)
        with self.assertRaises(ValidationError):
            self.ticket.stage_id = self.done


@tagged("post_install", "-at_install")
class TestPortalNewTicket(PortalTicketCase):
    """Kind, product and files of a new ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump, cls.secret = cls.env["product.product"].create(
            [{"name": "Pump P1", "type": "service"}, {"name": "Secret S1"}]
        )
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.key.id,
                "company_id": cls.company.id,
                "order_line": [Command.create({"product_id": cls.pump.id})],
            }
        )
        order.action_confirm()

    def setUp(self):
        super().setUp()
        self.log_in(self.key_user)

    def submit(self, **data):
        typed = {"subject": "Noise", "description": "Since\nMonday", **data}
        return self.post("/submitted/ticket", **typed)

    def get_tickets(self):
        partner = self.key_user.partner_id
        domain = [("partner_id", "=", partner.id), ("id", "!=", self.ticket.id)]
        return self.env["helpdesk.ticket"].search(domain)

    def test_the_form_offers_the_kinds_and_what_his_company_bought(self):
        page = self.open("/new/ticket")
        kinds = page.xpath("//select[@name='kind']/option/text()")
        self.assertIn("Complaint", kinds)
        products = page.xpath("//select[@name='product']/option/text()")
        self.assertEqual(products, ["None of them", "Pump P1"])
        self.log_in(self.small_user)
        page = self.open("/new/ticket")
        self.assertFalse(page.xpath("//select[@name='product']"))

    def test_every_entry_of_the_form_has_a_label(self):
        page = self.open("/new/ticket")
        [form] = page.xpath("//form[@action='/submitted/ticket']")
        for entry in form.xpath(".//select | .//textarea | .//input[@type!='hidden']"):
            self.assertTrue(
                form.xpath(f".//label[@for='{entry.get('id')}']"), entry.get("name")
            )

    def test_a_complaint_about_a_product(self):
        self.submit(kind=self.kinds["complaint"].id, product=self.pump.id)
        ticket = self.get_tickets()
        self.assertEqual(ticket.kind_id, self.kinds["complaint"])
        self.assertEqual(ticket.product_id, self.pump)

    def test_without_kind_and_product(self):
        self.submit(kind="", product="")
        ticket = self.get_tickets()
        self.assertFalse(ticket.kind_id or ticket.product_id)

    def assertRefused(self, response, words):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        self.assertIn(words, self.text(page, "ticket_problems"))
        [form] = page.xpath("//form[@action='/submitted/ticket']")
        self.assertEqual(form.fields["subject"], "Noise")
        self.assertEqual(form.fields["description"].strip(), "Since\nMonday")
        self.assertFalse(self.get_tickets())

    def test_a_kind_and_a_product_that_are_not_his_to_choose(self):
        hidden = self.kinds["praise"].copy({"code": "hidden", "active": False})
        wrong = [value for value in NO_IDS if value] + [str(2**31 - 1)]
        for value in (*wrong, hidden.id):
            self.assertRefused(self.submit(kind=value), "choose one of the list")
        for value in (*wrong, self.secret.id):
            response = self.submit(product=value)
            self.assertRefused(response, "product is not available")
            self.assertNotIn("Secret S1", response.text)

    def test_what_was_chosen_stays_chosen(self):
        response = self.submit(
            subject="", kind=self.kinds["request"].id, product=self.pump.id
        )
        page = html.fromstring(response.text)
        for name, record in (("kind", self.kinds["request"]), ("product", self.pump)):
            [chosen] = page.xpath(f"//select[@name='{name}']/option[@selected]/@value")
            self.assertEqual(chosen, str(record.id))

    def test_a_form_that_is_sent_twice_opens_one_ticket(self):
        page = self.open("/new/ticket")
        [key] = page.xpath("//input[@name='key']/@value")
        first, second = self.submit(key=key), self.submit(key=key)
        self.assertEqual(len(self.get_tickets()), 1)
        self.assertEqual(first.url, second.url)
        self.assertNotEqual(
            self.open("/new/ticket").xpath("//input[@name='key']/@value"), [key]
        )

    def test_the_key_of_another_customer_opens_nothing_of_his(self):
        self.submit(key="the same")
        self.log_in(self.small_user)
        response = self.submit(key="the same")
        self.assertNotEqual(response.url, f"/my/ticket/{self.get_tickets().id}")
        self.assertEqual(
            self.env["helpdesk.ticket"].search_count(
                [("partner_id", "=", self.small_user.partner_id.id)]
            ),
            2,
        )

    def test_script_in_a_new_ticket_is_text(self):
        self.submit(subject=SCRIPT, description=SCRIPT)
        ticket = self.get_tickets()
        self.assertNotIn("<script", ticket.description)
        self.assertNotIn("<img", ticket.description)
        page = self.open(f"/my/ticket/{ticket.id}")
        self.assertFalse(page.xpath("//img[@onerror]"))
        self.assertFalse(page.xpath("//script[contains(text(), \"alert('x')\")]"))

    def send(self, megabytes):
        return self.url_open(
            "/submitted/ticket",
            data={
                "subject": "Noise",
                "description": "Since\nMonday",
                "csrf_token": http.Request.csrf_token(self),
            },
            files={"attachment": ("noise.wav", b"x" * (megabytes << 20), "audio/wav")},
            timeout=60,
        )

    def test_fifty_megabytes_where_25_are_allowed(self):
        limit = str(25 << 20)
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", limit)
        response = self.send(50)
        self.assertRefused(response, "noise.wav")
        text = self.text(html.fromstring(response.text), "ticket_problems")
        self.assertIn("50.00 Mb", text)
        self.assertIn("25.00 Mb", text)
        self.assertIn("choose your files again", text)

    def test_fifty_megabytes_where_they_are_allowed(self):
        self.assertEqual(self.send(50).status_code, 200)
        self.assertEqual(self.get_tickets().attachment_ids.file_size, 50 << 20)
