"""The same customer twice is pointed out, with the reason, and merged with one click."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import RelationshipCase


@tagged("post_install", "-at_install")
class TestDuplicates(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer(
            "Brightwater Glassworks",
            vat="/",
            phone="+32 470 12 34 56",
            email="Office <office@brightwater.example.com>",
            company_id=cls.company.id,
        )

    def relationship(self, partner=None):
        partner = partner or self.customer
        relationship = self.relationship_of(partner) or self.env[
            "crm.relationship"
        ].create({"partner_id": partner.id, "company_id": self.company.id})
        relationship.invalidate_recordset()
        return relationship

    def assert_found(self, partner, hint):
        relationship = self.relationship()
        self.assertEqual(relationship.duplicate_partner_ids, partner)
        self.assertIn(hint, relationship.duplicate_hint)

    def test_same_mail_phone_and_name_are_found_however_written(self):
        for hint, values in {
            "same mail address": {"email": "OFFICE@Brightwater.example.com"},
            "same phone number": {"phone": "+32470123456"},
            "same name": {"name": "BRIGHTWATER Glass-Works"},
        }.items():
            with self.subTest(hint):
                other = self.make_customer(values.pop("name", "Somebody"), **values)
                self.assert_found(other, hint)
                other.active = False

    def test_the_same_tax_id_is_found_however_written(self):
        self.customer.vat = "BE0477472701"
        other = self.make_customer("Somebody")
        self.env.cr.execute(
            "UPDATE res_partner SET vat = 'be 0477.472.701' WHERE id = %s", [other.id]
        )
        self.assert_found(other, "same tax ID")

    def test_a_similar_name_is_found_where_postgres_knows_how(self):
        if not self.env.registry.has_trigram:
            self.skipTest("This PostgreSQL has no pg_trgm.")
        self.make_customer("Brightwater Glassworks 2")
        other = self.make_customer("Brightwater Glasworks Ltd")
        self.assert_found(other, "similar name")

    def test_what_says_nothing_makes_no_duplicate(self):
        self.make_customer("Somebody", vat="/")
        self.make_customer("Archived", phone="+32470123456", active=False)
        other = self.make_company("Relationship Other")
        self.make_customer("Elsewhere", phone="+32470123456", company_id=other.id)
        self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id, "phone": "+32470123456"}
        )
        relationship = self.relationship()
        self.assertFalse(relationship.duplicate_partner_ids)
        self.assertFalse(relationship.has_duplicate)
        self.assertFalse(relationship.duplicate_hint)
        with self.assertRaises(UserError):
            relationship.action_merge_duplicates()

    def test_the_list_finds_all_of_them(self):
        twin = self.make_customer("Brightwater Glassworks")
        lonely = self.make_customer("Lonely")
        relationships = self.env["crm.relationship"]
        for partner in self.customer + twin + lonely:
            relationships += self.relationship(partner)
        found = relationships.search(
            [("id", "in", relationships.ids), ("has_duplicate", "=", True)]
        )
        self.assertEqual(found.partner_id, self.customer + twin)
        others = relationships.search(
            [("id", "in", relationships.ids), ("has_duplicate", "=", False)]
        )
        self.assertEqual(others.partner_id, lonely)

    def test_one_click_opens_the_merge_with_both_chosen(self):
        twin = self.make_customer("Brightwater Glassworks")
        action = self.relationship().action_merge_duplicates()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        wizard = wizard.create({})
        self.assertEqual(wizard.partner_ids, self.customer + twin)
        wizard.dst_partner_id = self.customer
        wizard.action_merge()
        self.assertFalse(twin.exists())
        self.assertTrue(self.relationship().exists())

    def test_the_number_of_queries_does_not_grow(self):
        twins = self.env["res.partner"].create(
            [{"name": f"Twin {number // 2} house"} for number in range(40)]
        )
        relationships = self.env["crm.relationship"].create(
            [{"partner_id": twin.id, "company_id": self.company.id} for twin in twins]
        )
        counts = []
        for size in (4, 10, 40):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            relationships[:size].mapped("duplicate_hint")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_only_colleagues_see_duplicates(self):
        visitor = new_test_user(
            self.env, "relationship_visitor", groups="base.group_portal"
        )
        visitor.partner_id.parent_id = self.customer
        relationship = self.relationship().with_user(visitor)
        for name in ("duplicate_hint", "duplicate_partner_ids", "has_duplicate"):
            with self.subTest(name), self.assertRaises(AccessError):
                relationship.read([name])
        with self.assertRaises(AccessError):
            relationship.search([("has_duplicate", "=", True)])
        with self.assertRaises(AccessError):
            relationship.action_merge_duplicates()
