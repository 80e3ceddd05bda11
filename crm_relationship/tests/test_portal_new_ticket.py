"""A ticket is opened by its customer, once, with what he may choose."""

from lxml import html

from odoo import Command, http
from odoo.tests import tagged

from .portal import SCRIPT, PortalTicketCase
from .test_helpdesk_holes import NO_IDS


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
