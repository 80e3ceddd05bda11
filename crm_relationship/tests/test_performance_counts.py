"""What must not grow with the number of rows: the queries behind the lists that people look at all day."""

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .common import RelationshipCase

TEN, MANY = 10, 80


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPerformanceCounts(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "relationship_counting",
            groups="crm_relationship.group_relationship_manager,helpdesk_mgmt.group_helpdesk_manager"
            ",sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.make_policies()
        cls.partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Counted {number:02}",
                    "is_company": True,
                    "user_id": cls.manager.id,
                }
                for number in range(MANY)
            ]
        )
        cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Help {number}",
                    "description": "Help",
                    "partner_id": partner.id,
                }
                for number, partner in enumerate(cls.partners)
            ]
        )
        cls.relationships = cls.env["crm.relationship"].search(
            [("partner_id", "in", cls.partners.ids)]
        )
        codes = list(cls.types)
        for number, relationship in enumerate(cls.relationships):
            relationship._change_type(cls.types[codes[number % len(codes)]])
        cls.env.flush_all()

    @classmethod
    def make_policies(cls):
        """A policy for each segment and for some types, so that the choice has something to choose."""
        scopes = [{"segment_id": item.id} for item in cls.segments.values()]
        scopes += [
            {"type_id": cls.types[code].id} for code in ("personal", "dedicated")
        ]
        cls.env["crm.relationship.policy"].create(
            [
                {
                    "company_id": cls.company.id,
                    "first_response_hours": 4,
                    "resolution_hours": 16,
                    **scope,
                }
                for scope in scopes
            ]
        )

    def count_queries(self, call, size):
        """Queries of a call on a cold cache of records."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call(size)
        return self.cr.sql_log_count - before

    def assert_constant(self, call, small=TEN, large=MANY):
        """As many queries for many rows as for few; the first call fills the caches of the registry."""
        call(small)
        few, many = (self.count_queries(call, size) for size in (small, large))
        self.assertEqual(few, many)

    def open_list(self, model, domain, size, **context):
        """Read a page of the model's list view as the web client does."""
        records = self.env[model].with_user(self.manager)
        records = records.with_context(allowed_company_ids=self.company.ids, **context)
        page = records.web_search_read(
            domain, self.get_specification(model), limit=size
        )
        self.assertEqual(len(page["records"]), size)

    def get_specification(self, model):
        """The fields of the list view, as the web client asks for them."""
        model = self.env[model].with_user(self.manager)
        names = model.get_view(view_type="list")["models"][model._name]
        return {
            name: {"fields": {"display_name": {}}}
            if model._fields[name].relational
            else {}
            for name in names
        }

    def test_the_list_of_relationships(self):
        domain = [("partner_id", "in", self.partners.ids)]
        self.assert_constant(
            lambda size: self.open_list("crm.relationship", domain, size)
        )

    def test_the_board_of_relationships(self):
        names = ["policy_id", "is_manager_missing", "type_ids", "open_ticket_count"]

        def read(size):
            relationships = self.relationships[:size].with_user(self.manager)
            relationships.with_context(allowed_company_ids=self.company.ids).read(names)

        self.assert_constant(read)

    def test_the_policy_of_many_relationships(self):
        self.assert_constant(lambda size: self.relationships[:size].mapped("policy_id"))

    def test_the_list_of_contacts(self):
        domain = [("id", "in", self.partners.ids)]
        self.assert_constant(lambda size: self.open_list("res.partner", domain, size))

    def test_the_relationship_seen_from_contacts(self):
        names = ["relationship_id", "relationship_type_id", "relationship_segment_id"]

        def read(size):
            partners = self.partners[:size].with_user(self.manager)
            partners.with_company(self.company).read(names)

        self.assert_constant(read)

    def test_the_list_of_tickets(self):
        domain = [("partner_id", "in", self.partners.ids)]
        self.assert_constant(
            lambda size: self.open_list("helpdesk.ticket", domain, size)
        )

    def test_transactions_of_many_customers(self):
        for partner in self.partners[:40]:
            self.make_order(partner, "2026-03-01 09:00:00", 10)
        domain = [("partner_id", "in", self.partners.ids)]
        self.assert_constant(
            lambda size: self.open_list("crm.relationship.transaction", domain, size),
            TEN,
            40,
        )

    def test_a_refresh_of_many_customers(self):
        self.refresh()
        self.assert_constant(lambda size: self.refresh(self.partners[:size]))
