from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged

from .common import ROLES, RelationshipCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}

# model -> role -> what the role may do: r(ead) w(rite) c(reate) u(nlink). A role that is not named may do nothing.
CONFIGURATION = {
    "internal": "r",
    "sales": "r",
    "helpdesk": "r",
    "user": "r",
    "officer": "r",
    "manager": "rwcu",
}
EVERYBODY = ("internal", "sales", "helpdesk", "user", "officer", "manager")
MATRIX = {
    "crm.relationship.absence": dict.fromkeys(EVERYBODY, "rwcu"),  # the own ones
    "crm.relationship.handover.wizard": {"helpdesk": "rwcu"},
    "crm.relationship.workload": {"helpdesk": "r", "manager": "r"},
    "crm.relationship": {
        "portal": "r",
        "user": "rwc",
        "officer": "rwc",
        "manager": "rwcu",
    },
    "crm.relationship.assignment": {
        "user": "rwcu",
        "officer": "rwcu",
        "manager": "rwcu",
    },
    "crm.relationship.type": {**CONFIGURATION, "portal": "r"},
    "crm.relationship.segment": CONFIGURATION,
    "crm.relationship.stage": CONFIGURATION,
    "crm.relationship.channel": CONFIGURATION,
    "crm.relationship.completeness.item": CONFIGURATION,
    "crm.relationship.service": CONFIGURATION,
    "crm.relationship.policy": CONFIGURATION,
    "crm.relationship.policy.kind": CONFIGURATION,
    "crm.relationship.entitlement": CONFIGURATION,
    "crm.relationship.ticket.kind": {**CONFIGURATION, "portal": "r"},
    "crm.relationship.ticket.event": {"helpdesk": "r"},
    "crm.relationship.fcr.cause": CONFIGURATION,
    "crm.relationship.fcr.report": {"helpdesk": "r"},
    "crm.relationship.clv.fit": {"manager": "r"},
    "crm.relationship.refresh": {"manager": "r"},
    "crm.relationship.cohort": {"officer": "r", "manager": "r"},
    "crm.relationship.transaction": {"user": "r", "officer": "r", "manager": "r"},
    "crm.relationship.rhythm": {"user": "r", "officer": "r", "manager": "r"},
    "crm.relationship.interaction": {"user": "r", "officer": "r", "manager": "r"},
    "crm.relationship.feedback": {"user": "r", "officer": "r", "manager": "r"},
    "crm.relationship.health.weight": {"user": "r", "officer": "r", "manager": "rwcu"},
    "crm.relationship.problem": {
        "helpdesk": "rwc",
        "officer": "r",
        "manager": "rwcu",
    },
    "crm.relationship.problem.wizard": {"helpdesk": "rwcu"},
    "crm.relationship.suggestion": {"user": "r", "officer": "r", "manager": "ru"},
    "crm.relationship.refusal.wizard": {
        "user": "rwcu",
        "officer": "rwcu",
        "manager": "rwcu",
    },
    "crm.relationship.type.wizard": {
        "user": "rwcu",
        "officer": "rwcu",
        "manager": "rwcu",
    },
    "crm.relationship.floor.wizard": {"manager": "rwcu"},
    "crm.relationship.review": {"user": "rwcu", "officer": "rwcu", "manager": "rwcu"},
    "crm.relationship.plan": {"user": "r", "officer": "rwcu", "manager": "rwcu"},
    "crm.relationship.plan.stakeholder": {
        "user": "r",
        "officer": "rwcu",
        "manager": "rwcu",
    },
    "crm.relationship.plan.comparison": {"user": "r", "officer": "r", "manager": "r"},
    "crm.relationship.cost.rate": {"manager": "rwcu"},
    "crm.relationship.cost": {"manager": "r"},
    "crm.relationship.snapshot": {"manager": "r"},
    "crm.relationship.compass": {"manager": "r"},
    "crm.relationship.compass.wizard": {"manager": "rwcu"},
}

# What a portal customer may read of the own relationship. Everything else is ours.
PORTAL_FIELDS = {
    "id",
    "display_name",
    "partner_id",
    "company_id",
    "currency_id",
    "active",
    "type_ids",
    "primary_type_id",
    "manager_id",
    "deputy_id",
    "first_response_hours",  # what is promised to this customer
    "resolution_hours",
    "access_url",
    "access_warning",
    "access_token",  # of the own file, as in every document of the portal
}
INTERNAL_FIELDS = (
    "segment_id",
    "segment_reason",
    "segment_is_manual",
    "stage_id",
    "revenue_12m_amount",
    "order_count_12m",
    "margin_12m_amount",
    "cost_to_serve_12m_amount",
    "contribution_12m_amount",
    "first_order_date",
    "tenure_days",
    "policy_id",
    "assignment_ids",
    "ticket_ids",
    "duration_tracking",
    "is_manager_missing",
    "rotting_days",
)


class RightsCase(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.customer = cls.make_customer("Rights Customer")
        cls.portal_contact = cls.users["portal"].partner_id
        cls.portal_contact.parent_id = cls.customer
        cls.relationship = cls.env["crm.relationship"].create(
            {"partner_id": cls.customer.id, "company_id": cls.company.id}
        )
        cls.foreign = cls.env["crm.relationship"].create(
            {
                "partner_id": cls.make_customer("Foreign").id,
                "company_id": cls.company.id,
            }
        )

    def as_role(self, role, model="crm.relationship"):
        """The model as a user of that role sees it, in the company of the test."""
        return self.env[model].with_user(self.users[role]).with_company(self.company)

    def seen_by(self, user, relationships=None):
        """The relationships that a user finds, of those given."""
        relationships = relationships or self.relationship + self.foreign
        found = self.env["crm.relationship"].with_user(user)
        return found.search([("id", "in", relationships.ids)]).sudo()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRoles(RightsCase):
    def test_every_role_may_do_what_the_matrix_says_and_no_more(self):
        for model, rights in MATRIX.items():
            for role in ROLES:
                with self.subTest(model=model, role=role):
                    records = self.as_role(role, model)
                    may = {
                        key
                        for key, name in OPERATIONS.items()
                        if records.has_access(name)
                    }
                    self.assertEqual(may, set(rights.get(role, "")))

    def test_the_matrix_names_every_model_of_the_addon(self):
        models = self.env["ir.model"].search([("model", "=like", "crm.relationship%")])
        own = models.filtered(
            lambda item: item.modules.split(", ")[0] == "crm_relationship"
        )
        concrete = {item.model for item in own if not self.env[item.model]._abstract}
        self.assertEqual(concrete, set(MATRIX))

    def test_private_methods_cannot_be_called_from_outside(self):
        names = [
            name
            for name in dir(self.env.registry["crm.relationship"])
            if "refresh" in name
        ]
        names += [
            "_ensure",
            "_get_or_create",
            "_insert",
            "_move_to",
            "_merge_into",
            "_change_type",
        ]
        for name in names:
            if name.startswith("_"):
                with self.subTest(name), self.assertRaises(AccessError):
                    get_public_method(self.env["crm.relationship"], name)

    def test_the_stages_of_tickets_are_not_for_the_public_to_write(self):
        self.assertFalse(
            self.as_role("public", "helpdesk.ticket.stage").has_access("write")
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestOwnCustomers(RightsCase):
    def test_a_user_sees_the_customers_that_he_looks_after(self):
        user = self.users["user"]
        self.assertFalse(self.seen_by(user))
        for name in ("manager_id", "deputy_id"):
            self.relationship[name] = user
            self.assertEqual(self.seen_by(user), self.relationship, name)
            self.relationship[name] = False
        self.customer.user_id = user
        self.assertEqual(self.seen_by(user), self.relationship)

    def test_a_user_sees_the_customers_of_the_sales_team(self):
        user, colleague = self.users["user"], self.users["officer"]
        self.relationship.manager_id = colleague
        self.assertFalse(self.seen_by(user))
        self.env["crm.team"].create(
            {"name": "Two", "member_ids": [Command.set((user + colleague).ids)]}
        )
        self.assertEqual(self.seen_by(user), self.relationship)

    def test_a_user_sees_the_customers_of_the_own_tickets_and_of_the_tickets_of_the_team(
        self,
    ):
        user = self.users["user"]
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "Help", "partner_id": self.customer.id}
        )
        self.assertEqual(ticket.relationship_id, self.relationship)
        self.assertFalse(self.seen_by(user))
        ticket.user_id = user
        self.assertEqual(self.seen_by(user), self.relationship)
        ticket.user_id = False
        ticket.team_id = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Desk",
                "user_ids": [Command.set(user.ids)],
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self.seen_by(user), self.relationship)

    def test_officers_and_managers_see_all_customers(self):
        for role in ("officer", "manager"):
            self.assertEqual(
                self.seen_by(self.users[role]), self.relationship + self.foreign
            )

    def test_a_user_cannot_touch_the_customer_of_another(self):
        foreign = self.foreign.with_user(self.users["user"])
        with self.assertRaises(AccessError):
            foreign.read(["partner_id"])
        with self.assertRaises(AccessError):
            foreign.write({"segment_id": self.segments["key"].id})
        with self.assertRaises(AccessError):
            foreign.action_refresh()
        with self.assertRaises(AccessError):
            self.as_role("user", "crm.relationship.assignment").create(
                {"relationship_id": foreign.id, "type_id": self.types["personal"].id}
            )
        with self.assertRaises(AccessError):
            self.change_type_as("user", self.foreign)

    def test_a_user_changes_the_type_of_an_own_customer(self):
        self.relationship.manager_id = self.users["user"]
        self.change_type_as("user", self.relationship)
        self.assertEqual(self.relationship.primary_type_id, self.types["personal"])

    def change_type_as(self, role, relationship):
        wizard = self.as_role(role, "crm.relationship.type.wizard").create(
            {
                "relationship_id": relationship.id,
                "type_id": self.types["personal"].id,
                "reason": "Asked for it",
            }
        )
        wizard.action_confirm()

    def test_a_user_sees_the_type_history_of_own_customers_only(self):
        for relationship in self.relationship + self.foreign:
            relationship._change_type(self.types["personal"])
        self.relationship.manager_id = self.users["user"]
        found = self.as_role("user", "crm.relationship.assignment").search([])
        self.assertEqual(found.relationship_id.sudo(), self.relationship)

    def test_an_agent_without_the_role_reads_the_promise_of_a_ticket_all_the_same(self):
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "Help",
                "partner_id": self.customer.id,
                "user_id": self.users["helpdesk"].id,
            }
        )
        values = ticket.with_user(self.users["helpdesk"]).read(
            ["relationship_id", "relationship_segment_id", "policy_id", "policy_reason"]
        )[0]
        self.assertTrue(values["policy_id"] and values["policy_reason"])

    def test_only_managers_lower_the_floor(self):
        floor = self.env["crm.relationship.policy"]._get_floor(self.company)
        values = {
            "policy_id": floor.id,
            "first_response_hours": 30,
            "resolution_hours": 60,
            "priority": "0",
            "reason": "Fewer people",
        }
        for role in ("internal", "user", "officer"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_role(role, "crm.relationship.floor.wizard").create(values)
        wizard = self.as_role("manager", "crm.relationship.floor.wizard").create(values)
        wizard.action_confirm()
        self.assertEqual(floor.first_response_hours, 30)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestTwoCompanies(RightsCase):
    def setUp(self):
        super().setUp()
        self.other_company = self.make_company("Relationship Other")
        self.elsewhere = self.env["crm.relationship"].create(
            {"partner_id": self.customer.id, "company_id": self.other_company.id}
        )

    def test_nobody_sees_the_relationships_of_another_company(self):
        everywhere = self.relationship + self.elsewhere
        for role in ("user", "officer", "manager"):
            self.elsewhere.manager_id = self.relationship.manager_id = self.users[role]
            seen = self.seen_by(self.users[role], everywhere)
            self.assertEqual(seen, self.relationship, role)

    def test_with_two_companies_the_chosen_ones_are_seen(self):
        user = self.users["manager"]
        user.company_ids += self.other_company
        everywhere = self.relationship + self.elsewhere
        relationships = self.env["crm.relationship"].with_user(user)
        for companies in (
            self.company,
            self.other_company,
            self.company + self.other_company,
        ):
            found = relationships.with_context(
                allowed_company_ids=companies.ids
            ).search([("id", "in", everywhere.ids)])
            self.assertEqual(found.company_id, companies)

    def test_policies_and_types_of_another_company_stay_there(self):
        self.elsewhere._change_type(self.types["personal"])
        for role in ("internal", "manager"):
            floors = self.as_role(role, "crm.relationship.policy").search([])
            self.assertEqual(floors.company_id, self.company)
        self.assertFalse(
            self.as_role("manager", "crm.relationship.assignment").search([])
        )

    def test_transactions_are_those_of_the_chosen_company(self):
        self.make_order(self.customer, "2026-03-01 09:00:00", 10)
        self.make_order(
            self.customer, "2026-03-01 09:00:00", 70, company=self.other_company
        )
        facts = self.as_role("manager", "crm.relationship.transaction").search([])
        self.assertEqual(facts.mapped("revenue"), [10])
        self.assertEqual(facts.relationship_id, self.relationship)

    def test_a_contact_shows_the_relationship_with_the_current_company(self):
        self.env.user.company_ids += self.other_company
        for relationship in self.relationship + self.elsewhere:
            customer = self.customer.with_company(relationship.company_id)
            self.assertEqual(customer.relationship_id, relationship)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestMoney(RightsCase):
    def setUp(self):
        super().setUp()
        self.make_order(self.customer, "2026-03-01 09:00:00", 10)
        self.make_order(self.foreign.partner_id, "2026-03-01 09:00:00", 20)

    def test_cost_and_margin_are_for_managers(self):
        for role in ("user", "officer"):
            facts = self.as_role(role, "crm.relationship.transaction")
            self.assertFalse({"cost", "margin"} & set(facts.fields_get()))
            for name in ("cost", "margin"):
                with self.subTest(role=role, name=name):
                    with self.assertRaises(AccessError):
                        facts.search([(name, ">", 0)])
                    with self.assertRaises(AccessError):
                        facts.formatted_read_group([], ["partner_id"], [f"{name}:sum"])
                    with self.assertRaises(AccessError):
                        facts.search([], order=f"{name} desc")
        facts = self.as_role("manager", "crm.relationship.transaction")
        rows = facts.formatted_read_group(
            [], [], ["cost:sum", "margin:sum", "revenue:sum"]
        )
        self.assertEqual((rows[0]["revenue:sum"], rows[0]["margin:sum"]), (30, 30))

    def test_a_user_sees_the_transactions_of_own_customers(self):
        self.relationship.manager_id = self.users["user"]
        facts = self.as_role("user", "crm.relationship.transaction").search([])
        self.assertEqual(facts.mapped("revenue"), [10])
        self.assertEqual(
            len(self.as_role("officer", "crm.relationship.transaction").search([])), 2
        )

    def test_a_document_opens_for_those_who_may_read_it(self):
        self.relationship.manager_id = self.users["user"]
        fact = self.as_role("user", "crm.relationship.transaction").search([])
        with self.assertRaises(AccessError):
            fact.action_open_document()
        action = fact.sudo().action_open_document()
        self.assertEqual(action["res_model"], "sale.order")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPortalRights(RightsCase):
    def setUp(self):
        super().setUp()
        self.own = self.relationship.with_user(self.users["portal"])

    def test_a_customer_sees_the_own_file_and_no_other(self):
        self.assertEqual(self.as_role("portal").search([]).sudo(), self.relationship)
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.users["portal"]).read(["partner_id"])
        self.assertEqual(
            self.own.read(["primary_type_id"])[0]["id"], self.relationship.id
        )

    def test_a_customer_finds_the_own_file_from_the_own_contact(self):
        contact = self.portal_contact.with_user(self.users["portal"])
        values = contact.with_company(self.company).read(
            ["relationship_id", "relationship_type_id"]
        )[0]
        self.assertEqual(values["relationship_id"][0], self.relationship.id)
        self.assertNotIn("relationship_segment_id", contact.fields_get())

    def test_a_customer_reads_only_what_is_meant_for_customers(self):
        self.assertLessEqual(
            set(self.own.fields_get()), PORTAL_FIELDS | self.magic_fields()
        )

    def magic_fields(self):
        """What every model with messages shows about itself, none of it ours."""
        plain = {"create_uid", "create_date", "write_uid", "write_date"}
        mixins = ("message_", "has_", "activity_", "website_message_")
        return plain | {name for name in self.own._fields if name.startswith(mixins)}

    def test_internal_fields_are_closed_to_every_way_of_reading(self):
        for name in INTERNAL_FIELDS:
            ways = {
                "read": lambda name=name: self.own.read([name]),
                "search_read": lambda name=name: self.own.search_read([], [name]),
                "export": lambda name=name: self.own.export_data([name]),
                "web_read": lambda name=name: self.own.web_read({name: {}}),
                "domain": lambda name=name: self.own.search([(name, "!=", False)]),
                "order": lambda name=name: self.own.search(
                    [], order=f"{name} desc, id"
                ),
                "group": lambda name=name: self.own.formatted_read_group(
                    [], [name], ["__count"]
                ),
                "path": lambda name=name: (
                    self.env["res.partner"]
                    .with_user(self.users["portal"])
                    .search([(f"relationship_id.{name}", "!=", False)])
                ),
            }
            for way, call in ways.items():
                with self.subTest(field=name, way=way):
                    self.assert_closed(call, way)

    def assert_closed(self, call, way):
        try:
            with self.env.cr.savepoint():
                result = call()
        except (UserError, ValueError):
            return
        self.fail(f"{way} gave {result}")

    def test_a_customer_changes_nothing(self):
        for values in ({"manager_id": self.users["portal"].id}, {"segment_id": 1}):
            with self.assertRaises(AccessError):
                self.own.write(values)
        with self.assertRaises(AccessError):
            self.own.unlink()
        with self.assertRaises(AccessError):
            self.as_role("portal").create({"partner_id": self.customer.id})

    def test_no_button_has_an_effect_in_the_hands_of_a_customer(self):
        before = self.snapshot()
        for model in MATRIX:
            names = [
                name
                for name in dir(self.env.registry[model])
                if name.startswith("action_")
            ]
            for name in names:
                with self.subTest(model=model, method=name):
                    record = (
                        self.relationship
                        if model == "crm.relationship"
                        else self.env[model]
                    )
                    self.press(record.with_user(self.users["portal"]), name)
                    self.assertEqual(self.snapshot(), before)
        with self.assertRaises(AccessError):
            self.own.action_refresh()

    def press(self, record, name):
        """Call a button; what it refuses or misses is no concern here, only its effect."""
        try:
            with self.env.cr.savepoint():
                getattr(record, name)()
                self.env.flush_all()
        except Exception:  # pylint: disable=broad-except
            self.env.invalidate_all()

    def snapshot(self):
        """The relationships, their types and activities, as they are stored."""
        self.env.invalidate_all()
        return (
            self.env["crm.relationship"]
            .sudo()
            .search([])
            .read(["segment_id", "active"]),
            self.env["crm.relationship.assignment"].sudo().search_count([]),
            self.env["mail.activity"].sudo().search_count([]),
        )

    def test_a_customer_of_two_companies_sees_both_files_of_these_only(self):
        other = self.make_company("Relationship Other")
        self.env["crm.relationship"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        self.assertEqual(self.as_role("portal").search([]).sudo(), self.relationship)

    def test_another_customer_of_the_portal_sees_nothing_of_it(self):
        stranger = new_test_user(
            self.env, "relationship_stranger", groups="base.group_portal"
        )
        self.assertFalse(self.seen_by(stranger))
