from lxml import html

from odoo import http
from odoo.tests import tagged

from .portal import PortalCase

NO_IDS = ("abc", "", "0", "-1", "²", "1.5", "1 or 1=1", "9" * 12)


@tagged("post_install", "-at_install")
class TestTicketClose(PortalCase):
    """A ticket is closed by its own customer, with a confirmed form, and by nobody and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.waiting = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")

    def close(self, ticket_id, stage_id, **kwargs):
        return self.post(
            "/ticket/close", ticket_id=ticket_id, stage_id=stage_id, **kwargs
        )

    def test_the_customer_closes_his_ticket(self):
        self.log_in(self.key_user)
        response = self.close(self.key_ticket.id, self.done.id)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.key_ticket.stage_id, self.done)

    def test_a_colleague_of_his_company_closes_it_too(self):
        self.log_in(self.make_portal_user("keystone_second", self.key))
        self.close(self.key_ticket.id, self.done.id)
        self.assertEqual(self.key_ticket.stage_id, self.done)

    def test_another_customer_cannot_and_learns_nothing(self):
        self.log_in(self.small_user)
        response = self.close(self.key_ticket.id, self.done.id)
        unknown = self.close(2**31 - 1, self.done.id)
        self.assertEqual((response.status_code, unknown.status_code), (404, 404))
        pages = [self.text(html.fromstring(item.text)) for item in (response, unknown)]
        self.assertEqual(*pages)
        self.assertFalse(self.key_ticket.closed)

    def test_an_address_alone_changes_nothing(self):
        self.log_in(self.key_user)
        path = f"/ticket/close?ticket_id={self.key_ticket.id}&stage_id={self.done.id}"
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, 302)
        self.assertURLEqual(
            response.headers["Location"], f"/my/ticket/{self.key_ticket.id}"
        )
        self.assertFalse(self.key_ticket.closed)

    def test_a_forged_form_changes_nothing(self):
        self.log_in(self.key_user)
        for token in (None, "forged"):
            data = {"ticket_id": self.key_ticket.id, "stage_id": self.done.id}
            response = self.url_open(
                "/ticket/close", data=dict(data, csrf_token=token) if token else data
            )
            self.assertEqual(response.status_code, 400)
        self.assertFalse(self.key_ticket.closed)

    def test_who_is_not_logged_in_is_asked_to_log_in(self):
        self.authenticate(None, None)
        response = self.close(self.key_ticket.id, self.done.id, follow=False)
        self.assertIn(response.status_code, (303, 400))
        self.assertFalse(self.key_ticket.closed)

    def test_what_is_no_ticket_is_not_found(self):
        self.log_in(self.key_user)
        for ticket_id in NO_IDS:
            self.assertEqual(
                self.close(ticket_id, self.done.id).status_code, 404, ticket_id
            )
        self.assertEqual(self.post("/ticket/close").status_code, 404)

    def test_a_stage_that_is_not_for_customers_changes_nothing(self):
        foreign = self.done.copy({"company_id": self.make_company("Elsewhere").id})
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Another team", "company_id": self.company.id}
        )
        of_team = self.done.copy({"company_id": False, "team_ids": [(6, 0, team.ids)]})
        self.log_in(self.key_user)
        for stage_id in (self.waiting.id, foreign.id, of_team.id, *NO_IDS):
            response = self.close(self.key_ticket.id, stage_id)
            self.assertEqual(response.status_code, 200, stage_id)
            self.assertFalse(self.key_ticket.closed, stage_id)

    def test_a_closed_ticket_stays_as_it_was_closed(self):
        rejected = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        self.key_ticket.stage_id = rejected
        self.log_in(self.key_user)
        self.close(self.key_ticket.id, self.done.id)
        self.assertEqual(self.key_ticket.stage_id, rejected)

    def get_close_forms(self):
        page = self.open(f"/my/ticket/{self.key_ticket.id}", self.key_user)
        return page.xpath("//form[@action='/ticket/close']")

    def test_the_page_offers_forms_that_are_posted_with_a_token(self):
        forms = self.get_close_forms()
        self.assertEqual(len(forms), 2)
        for form in forms:
            self.assertEqual(form.method, "POST")
            self.assertTrue(form.fields["csrf_token"])

    def test_a_ticket_that_was_reopened_can_be_closed_again(self):
        self.key_ticket.stage_id = self.done
        self.assertFalse(self.get_close_forms())
        self.key_ticket.stage_id = self.waiting
        self.assertTrue(self.get_close_forms())


@tagged("post_install", "-at_install")
class TestTicketForm(PortalCase):
    """A form with a wrong entry comes back with what was typed; a right one becomes a ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "helpdesk_mgmt_portal_select_category": True,
                "helpdesk_mgmt_portal_select_team": True,
                "helpdesk_mgmt_portal_category_id_required": False,
                "helpdesk_mgmt_portal_team_id_required": False,
            }
        )
        cls.other_company = cls.make_company("Elsewhere")
        cls.category = cls.make_choice("helpdesk.ticket.category", "Repair")
        cls.team = cls.make_choice("helpdesk.ticket.team", "Workshop")

    @classmethod
    def make_choice(cls, model, name, **values):
        return cls.env[model].create(
            {"name": name, "company_id": cls.company.id, **values}
        )

    def setUp(self):
        super().setUp()
        self.log_in(self.key_user)

    def submit(self, **data):
        """The page after sending the form, as a tree."""
        typed = {"subject": "Pump is loud", "description": "Since\nMonday", **data}
        response = self.post("/submitted/ticket", **typed)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def get_tickets(self):
        partner = self.key_user.partner_id
        return self.env["helpdesk.ticket"].search([("partner_id", "=", partner.id)]) - (
            self.key_ticket
        )

    def assertRefused(self, page, words):
        self.assertFalse(self.get_tickets())
        self.assertIn(words, self.text(page, "ticket_problems"))

    def test_a_right_form_becomes_a_ticket_with_category_and_team(self):
        self.submit(category=self.category.id, team=self.team.id)
        ticket = self.get_tickets()
        self.assertEqual(ticket.name, "Pump is loud")
        self.assertEqual(
            (ticket.category_id, ticket.team_id), (self.category, self.team)
        )
        self.assertEqual(ticket.relationship_id.partner_id, self.key)

    def test_what_is_no_choice_is_refused_and_what_was_typed_is_kept(self):
        for field in ("category", "team"):
            for value in ("abc", "0", "-1", "²", "9" * 12, str(2**31 - 1)):
                page = self.submit(**{field: value})
                self.assertRefused(page, "please choose one of the list")
                [form] = page.xpath("//form[@action='/submitted/ticket']")
                self.assertEqual(form.fields["subject"], "Pump is loud")
                self.assertEqual(form.fields["description"].strip(), "Since\nMonday")

    def test_choices_that_the_portal_does_not_show_are_refused(self):
        values = (
            {"show_in_portal": False},
            {"active": False},
            {"company_id": self.other_company.id},
        )
        for field in ("category", "team"):
            for number, value in enumerate(values):
                model = f"helpdesk.ticket.{field}"
                choice = self.make_choice(model, f"Hidden {number}", **value)
                self.assertRefused(self.submit(**{field: choice.id}), "please choose")

    def test_the_choice_that_was_right_stays_chosen(self):
        page = self.submit(category=self.category.id, subject="")
        [chosen] = page.xpath("//select[@name='category']/option[@selected]")
        self.assertEqual(chosen.get("value"), str(self.category.id))

    def test_team_and_category_of_two_companies_do_not_mix(self):
        self.key_user.company_ids += self.other_company
        team = self.make_choice(
            "helpdesk.ticket.team", "Far away", company_id=self.other_company.id
        )
        page = self.submit(category=self.category.id, team=team.id)
        self.assertRefused(page, "does not work on that category")

    def test_an_empty_subject_or_description_is_asked_for(self):
        for empty in ("", "   ", "\n", "\0"):
            self.assertRefused(self.submit(subject=empty), "what it is about")
            self.assertRefused(self.submit(description=empty), "describe what you need")

    def test_a_form_without_any_entry_is_asked_for_both(self):
        response = self.post("/submitted/ticket")
        self.assertEqual(response.status_code, 200)
        self.assertRefused(html.fromstring(response.text), "describe what you need")

    def test_required_choices_are_asked_for(self):
        self.company.helpdesk_mgmt_portal_category_id_required = True
        self.company.helpdesk_mgmt_portal_team_id_required = True
        self.assertRefused(self.submit(team=self.team.id), "choose a category")
        self.assertRefused(self.submit(category=self.category.id), "choose a team")

    def test_characters_that_no_text_may_hold_are_left_out(self):
        self.submit(subject="Pump\0 is loud")
        self.assertEqual(self.get_tickets().name, "Pump is loud")

    def test_an_address_alone_opens_no_ticket(self):
        response = self.url_open("/submitted/ticket?subject=Spam&description=Spam")
        self.assertTrue(response.url.endswith("/new/ticket"))
        self.assertFalse(self.get_tickets())

    def send_file(self, size):
        return self.url_open(
            "/submitted/ticket",
            data={
                "subject": "Pump is loud",
                "description": "Listen",
                "csrf_token": http.Request.csrf_token(self),
            },
            files={"attachment": ("noise.wav", b"x" * size, "audio/wav")},
        )

    def test_a_file_over_the_limit_is_named_and_what_was_typed_is_kept(self):
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", "5000")
        response = self.send_file(9000)
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        self.assertRefused(page, "noise.wav")
        self.assertIn("choose your files again", self.text(page, "ticket_problems"))
        [form] = page.xpath("//form[@action='/submitted/ticket']")
        self.assertEqual(form.fields["subject"], "Pump is loud")

    def test_a_file_within_the_limit_is_attached(self):
        self.send_file(100)
        ticket = self.get_tickets()
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual((attachment.name, len(attachment.raw)), ("noise.wav", 100))

    def test_a_ticket_can_be_prepared_by_a_link(self):
        page = self.open("/new/ticket?subject=Visit")
        self.assertEqual(page.xpath("//input[@name='subject']/@value"), ["Visit"])


@tagged("post_install", "-at_install")
class TestTicketList(PortalCase):
    def setUp(self):
        super().setUp()
        self.log_in(self.key_user)

    def test_what_an_address_asks_for_and_is_not_there_is_left_out(self):
        for query in (
            "sortby=bogus",
            "groupby=bogus",
            "filterby=bogus",
            "search_in=bogus&search=x",
            "date_begin=bogus&date_end=bogus",
            "date_begin=2020-01-01&date_end=2099-01-01",
            "sortby=stage&groupby=stage",
        ):
            page = self.open(f"/my/tickets?{query}")
            if "search=" not in query:
                self.assertIn("The pump is loud", self.text(page), query)

    def test_the_ticket_of_another_and_one_that_cannot_be_lead_home(self):
        other = self.small_ticket.id
        for path in (other, f"{other}/token", f"{other}/tökén", 2**31 - 1, 10**12):
            response = self.url_open(f"/my/ticket/{path}", allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertURLEqual(response.headers["Location"], "/my")


@tagged("post_install", "-at_install")
class TestHelpdeskData(PortalCase):
    """Rights, indexes and counts that helpdesk_mgmt leaves open."""

    def test_visitors_cannot_write_stages(self):
        public = self.env.ref("base.public_user")
        stages = self.env["helpdesk.ticket.stage"].with_user(public)
        self.assertFalse(stages.has_access("write"))
        self.assertTrue(stages.has_access("read"))

    def test_the_customer_of_a_ticket_is_indexed(self):
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'helpdesk_ticket'"
        )
        definitions = " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("(partner_id)", definitions)
        self.assertIn("(commercial_partner_id)", definitions)

    def count_queries(self, partners):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        partners.mapped("helpdesk_ticket_count_string")
        return self.cr.sql_log_count - start

    def test_counting_tickets_costs_the_same_for_ten_partners_and_for_forty(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}"} for n in range(40)]
        )
        self.env["helpdesk.ticket"].create(
            [
                {"name": "T", "description": "T", "partner_id": partner.id}
                for partner in partners
            ]
        )
        self.count_queries(partners[:10])
        few = self.count_queries(partners[:10])
        self.assertEqual(self.count_queries(partners), few)

    def test_a_company_counts_the_tickets_of_its_contacts(self):
        self.make_ticket(self.key_user, "Second").stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        for partner in (self.key, self.key_user.partner_id):
            self.assertEqual(partner.helpdesk_ticket_count, 2)
            self.assertEqual(partner.helpdesk_ticket_active_count, 1)
            self.assertEqual(partner.helpdesk_ticket_count_string, "1 / 2")
        self.assertEqual(self.small.helpdesk_ticket_count, 1)
