"""A ticket is answered, reopened and closed by its customer, and by nobody else."""

from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .portal import SCRIPT, PortalTicketCase


@tagged("post_install", "-at_install")
class TestPortalTicketActs(PortalTicketCase):
    """What a customer does with his ticket."""

    def setUp(self):
        super().setUp()
        self.log_in(self.key_user)
        self.solved_path = f"/ticket/solved/{self.ticket.id}"

    def reopen(self, reason="It is loud again", **kwargs):
        return self.post(self.solved_path, answer="no", reason=reason, **kwargs)

    def reply(self, text, **kwargs):
        return self.post(f"{self.path}/reply", text=text, **kwargs)

    # --- reopening and answering ---

    def test_the_form_to_reopen_is_there_when_it_is_closed_only(self):
        self.assertFalse(self.open_ticket().xpath("//*[@id='ticket_solved']"))
        self.ticket.stage_id = self.done
        [form] = self.open_ticket().xpath("//*[@id='ticket_solved']//form")
        self.assertEqual(form.action, self.solved_path)
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
        self.assertFalse(self.ticket.closed)
        self.assertTrue(response.url.endswith(self.path))
        kinds = self.ticket.event_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds[-3:], ["said_unsolved", "customer_reply", "reopened"])

    def test_his_words_are_kept_when_it_was_opened_again_meanwhile(self):
        self.reopen()
        self.assertFalse(self.get_messages().filtered("is_internal"))
        self.assertIn("It is loud again", self.get_messages().body)
        self.assertFalse(self.ticket.is_solved_by_customer)

    def test_after_the_window_he_is_led_to_the_ticket_that_follows_up(self):
        with freeze_time(fields.Datetime.now() - timedelta(days=99)):
            self.ticket.stage_id = self.done
        response = self.reopen()
        self.assertTrue(self.ticket.closed)
        [follow_up] = self.ticket.follow_up_ids
        self.assertTrue(response.url.endswith(f"/my/ticket/{follow_up.id}"))
        self.assertEqual(self.ticket.is_solved_by_customer, "no")

    def test_without_a_reason_he_is_asked_for_it(self):
        self.ticket.stage_id = self.done
        for empty in ("", "  \n", "\0"):
            page = html.fromstring(self.reopen(empty).text)
            self.assertIn("say in a few words why", self.text(page, "unsolved_problem"))
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
        self.assertNotIn("onerror", message.body)

    def test_the_ticket_of_another_is_not_found(self):
        self.log_in(self.small_user)
        self.ticket.stage_id = self.done
        answers = [self.reopen(), self.reply("Hello")]
        for wrong in (2**31 - 1, 10**12):
            path = f"/ticket/solved/{wrong}"
            answers.append(self.post(path, answer="no", reason="Hello"))
        answers.append(self.post(f"/my/ticket/{10**12}/reply", text="Hello"))
        for response in answers:
            self.assertEqual(response.status_code, 404)
            self.assertNotIn("The pump is loud", response.text)
        self.assertFalse(self.get_messages())

    @mute_logger("odoo.http")
    def test_a_forged_form_and_an_address_alone_do_nothing(self):
        self.ticket.stage_id = self.done
        for token in (None, "forged"):
            data = {"reason": "Hello", "answer": "no"}
            response = self.url_open(
                self.solved_path,
                data=dict(data, csrf_token=token) if token else data,
            )
            self.assertEqual(response.status_code, 400)
        self.url_open(f"{self.solved_path}?answer=no&reason=Hello")
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
        self.assertFalse(page.xpath("//*[@id='ticket_solved']"))

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

    def test_who_may_only_read_it_does_not_speak_for_the_customer(self):
        self.manager.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        self.ticket.message_subscribe(self.small_user.partner_id.ids)
        for user in (self.manager, self.small_user):
            self.ticket.stage_id = self.new
            page = self.open_ticket(user)
            self.assertFalse(page.xpath("//form[@action='/ticket/close']"))
            self.assertEqual(self.close().status_code, 404)
            self.assertFalse(self.ticket.closed)
            self.ticket.stage_id = self.done
            page = self.open_ticket(user)
            self.assertFalse(page.xpath("//*[@id='ticket_solved']"))
            self.assertEqual(self.reopen().status_code, 404)
            self.assertTrue(self.ticket.closed)
        colleague = self.make_portal_user("keystone_colleague", self.key)
        self.ticket.message_subscribe(colleague.partner_id.ids)
        self.log_in(colleague)
        self.reopen()
        self.assertFalse(self.ticket.closed)

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

    @mute_logger("odoo.http")
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

    @mute_logger("odoo.http")
    def test_an_agent_closes_no_complaint_without_remedy_through_rpc(self):
        self.manager.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_user")
        self.ticket.kind_id = self.kinds["complaint"]
        self.log_in(self.manager)
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self.call("write", [self.ticket.id], {"stage_id": self.done.id})
        self.assertFalse(self.ticket.closed)
        with self.assertRaises(ValidationError):
            self.ticket.stage_id = self.done
