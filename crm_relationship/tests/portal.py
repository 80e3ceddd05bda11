"""Two customers of a company, a key account and a small one, who look into the portal."""

from datetime import datetime

from lxml import etree, html

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user

from .common import RelationshipMixin

LATE = datetime(2020, 1, 6, 10)
AHEAD = datetime(2099, 1, 5, 10)
LATER = datetime(2099, 1, 6, 10)
SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"


class PortalCase(RelationshipMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.types = cls.by_code("type")
        cls.segments = cls.by_code("segment")
        cls.services = cls.by_code("service")
        cls.company = cls.make_company(
            "Our Works", email="hello@works.example", phone="+49 30 100"
        )
        cls.company.resource_calendar_id.tz = "Europe/Berlin"
        cls.env.user.company_ids += cls.company
        cls.manager = cls.make_colleague("Marta Manager", phone="+49 30 101")
        cls.deputy = cls.make_colleague("Dario Deputy", phone="+49 30 102")
        cls.key, cls.key_user = cls.make_portal_customer("Keystone")
        cls.small, cls.small_user = cls.make_portal_customer("Littlebake")
        cls.key_ticket = cls.make_ticket(cls.key_user, "The pump is loud")
        cls.small_ticket = cls.make_ticket(cls.small_user, "The bill is wrong")

    @classmethod
    def make_colleague(cls, name, **values):
        user = new_test_user(
            cls.env,
            name.lower().replace(" ", "_"),
            name=name,
            email=f"{name.split()[0].lower()}@works.example",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.write(values)
        return user

    @classmethod
    def make_portal_user(cls, login, customer, companies=None):
        companies = companies or cls.company
        contact = cls.env["res.partner"].create(
            {
                "name": login,
                "parent_id": customer.id,
                "email": f"{login}@customer.example",
            }
        )
        return new_test_user(
            cls.env,
            login,
            groups="base.group_portal",
            partner_id=contact.id,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
            tz="Europe/Berlin",
        )

    @classmethod
    def make_portal_customer(cls, name):
        """A company with a relationship, and its contact who has a login (his password is the same)."""
        customer = cls.make_customer(name)
        pair = (cls.company.id, customer.id)
        cls.env["crm.relationship"]._get_or_create([pair])
        return customer, cls.make_portal_user(f"{name.lower()}_contact", customer)

    @classmethod
    def make_ticket(cls, user, name, **values):
        return cls.env["helpdesk.ticket"].create(
            {
                "name": name,
                "description": "Please help",
                "partner_id": user.partner_id.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def make_key_account(cls):
        """What a key account has: dedicated people, two types, a policy of its own, a figure, a note."""
        relationship = cls.env["crm.relationship"].search(
            [("partner_id", "=", cls.key.id)]
        )
        relationship._change_type(cls.types["dedicated"])
        relationship.write(
            {
                "assignment_ids": [
                    Command.create({"type_id": cls.types["co_creation"].id})
                ],
                "manager_id": cls.manager.id,
                "deputy_id": cls.deputy.id,
                "segment_id": cls.segments["key"].id,
                "segment_reason": "Knows the owner",
                "revenue_12m_amount": 765432,
            }
        )
        cls.key.comment = "Pays late, be careful"
        return relationship

    @classmethod
    def make_entitlements(cls):
        """The floor gives phone, and visits for money; the policy for dedicated customers includes visits."""
        policies = cls.env["crm.relationship.policy"]
        policies._get_floor(cls.company).entitlement_ids = [
            Command.create({"service_id": cls.services["phone"].id}),
            Command.create({"service_id": cls.services["visit"].id, "access": "paid"}),
        ]
        return policies.create(
            {
                "company_id": cls.company.id,
                "type_id": cls.types["dedicated"].id,
                "first_response_hours": 2,
                "resolution_hours": 16,
                "entitlement_ids": [
                    Command.create(
                        {
                            "service_id": cls.services["visit"].id,
                            "quota": 4,
                            "ground": "contract",
                            "note": "Frame contract of 2024",
                        }
                    )
                ],
            }
        )

    def log_in(self, user):
        self.authenticate(user.login, user.login)

    def open(self, path, user=None):
        """The page at a path as an HTML tree, which must be there."""
        if user:
            self.log_in(user)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200, path)
        return html.fromstring(response.text)

    def text(self, tree, element_id=None):
        """What can be read in an element of a page (or in all of it), blanks made one."""
        etree.strip_elements(tree, "script", "style", with_tail=False)
        if element_id:
            [tree] = tree.xpath(f"//*[@id='{element_id}']")
        return " ".join(tree.text_content().split())

    def post(self, path, follow=True, **data):
        """Send a form with its token."""
        data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(path, data=data, allow_redirects=follow)


class PortalTicketCase(PortalCase):
    """Stages, kinds, and the key account's ticket with its page."""

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
