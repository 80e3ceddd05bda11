"""How complete a customer file is, what it lacks, and by whose weights."""

import random

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..queries.completeness import ITEMS, completeness_ratio
from .common import RelationshipCase

WEIGHTS = {
    "contact": 20,
    "email": 15,
    "phone": 15,
    "address": 15,
    "vat": 10,
    "salesperson": 10,
    "industry": 10,
    "website": 5,
}
ONLY_COMPANIES = {"vat", "industry", "website", "contact"}


@tagged("post_install", "-at_install")
class TestCompleteness(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items = cls.env["crm.relationship.completeness.item"]
        cls.full = {
            "phone": "+32 2 555 01 01",
            "email": "office@example.com",
            "street": "Rue 1",
            "city": "Namur",
            "country_id": cls.env.ref("base.be").id,
            "vat": "/",
            "industry_id": cls.env["res.partner.industry"].create({"name": "Glass"}).id,
            "website": "https://example.com",
            "user_id": cls.env.user.id,
        }

    def ratios(self, partners, company=None):
        query = completeness_ratio(
            self.env, (company or self.company).id, None, None, partners.ids
        )
        names, rows = self.fetch(query)
        self.assertEqual(names, ["partner_id", "completeness_ratio"])
        return dict(rows)

    def ratio(self, partner, company=None):
        return self.ratios(partner, company)[partner.id]

    def missing(self, partner):
        relationship = self.relationship_of(partner) or self.env[
            "crm.relationship"
        ].create({"partner_id": partner.id, "company_id": self.company.id})
        relationship.invalidate_recordset(["completeness_missing"])
        return relationship.completeness_missing

    def add_contact(self, partner, **values):
        values = {"name": "Buyer", "email": "buyer@example.com", **values}
        return self.env["res.partner"].create({"parent_id": partner.id, **values})

    def test_an_empty_file_lacks_everything_and_a_full_one_nothing(self):
        empty = self.make_customer("Empty", user_id=False)
        self.assertEqual(self.ratio(empty), 0)
        self.assertEqual(
            self.missing(empty),
            "Contact person with mail or phone, Phone, Email, Address, Salesperson, Tax ID, Industry, Website",
        )
        full = self.make_customer("Full", **self.full)
        self.add_contact(full)
        self.assertEqual(self.ratio(full), 1)
        self.assertFalse(self.missing(full))

    def test_a_person_is_not_asked_for_what_companies_have(self):
        names = ("phone", "email", "street", "city", "country_id", "user_id")
        person = self.env["res.partner"].create(
            {"name": "Person", **{name: self.full[name] for name in names}}
        )
        self.assertEqual(self.ratio(person), 1)
        self.assertFalse(self.missing(person))

    def test_a_contact_counts_when_it_can_be_reached(self):
        customer = self.make_customer("Customer")
        self.add_contact(customer, email=False)
        self.add_contact(customer, active=False)
        self.add_contact(customer, type="invoice")
        self.assertIn("Contact person", self.missing(customer))
        self.add_contact(customer, email=False, phone="1234")
        self.assertNotIn("Contact person", self.missing(customer))

    def test_random_files_as_in_plain_python(self):
        dice = random.Random(7)
        partners = self.env["res.partner"]
        expected = {}
        for number in range(25):
            is_company = dice.random() < 0.6
            values = {
                name: value for name, value in self.full.items() if dice.random() < 0.5
            }
            partner = self.env["res.partner"].create(
                {"name": f"File {number}", "is_company": is_company, **values}
            )
            there = {
                name for name in ("phone", "email", "vat", "website") if name in values
            }
            if {"street", "city", "country_id"} <= set(values):
                there.add("address")
            if "industry_id" in values:
                there.add("industry")
            if "user_id" in values:
                there.add("salesperson")
            if dice.random() < 0.5:
                self.add_contact(partner)
                there.add("contact")
            asked = set(WEIGHTS) - (set() if is_company else ONLY_COMPANIES)
            expected[partner.id] = sum(WEIGHTS[code] for code in asked & there) / sum(
                WEIGHTS[code] for code in asked
            )
            partners += partner
        found = self.ratios(partners)
        self.assertEqual(set(found), set(expected))
        for partner_id, ratio in expected.items():
            self.assertAlmostEqual(found[partner_id], ratio)

    def test_a_company_has_weights_of_its_own(self):
        customer = self.make_customer("Customer", email="office@example.com")
        other = self.make_company("Relationship Other")
        self.items.create(
            [
                {"code": code, "weight": 0, "company_id": other.id}
                for code in ITEMS
                if code not in ("email", "phone")
            ]
        )
        self.assertEqual(self.ratio(customer, other), 0.5)
        self.assertEqual(self.ratio(customer), 0.15)

    def test_where_nothing_is_asked_there_is_no_ratio(self):
        self.items.search([]).weight = 0
        customer = self.make_customer("Customer")
        self.assertIsNone(self.ratio(customer))
        self.assertFalse(self.missing(customer))

    @mute_logger("odoo.sql_db")
    def test_a_weight_makes_sense(self):
        for values in ({"weight": -1}, {"weight": 5000}, {"code": "email"}):
            with self.subTest(values), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    self.items.create({"code": "phone", **values})
                    self.env.flush_all()

    def test_the_file_of_another_company_is_not_counted(self):
        other = self.make_company("Relationship Other")
        customer = self.make_customer("Customer", company_id=other.id)
        self.assertFalse(self.ratios(customer))
        self.assertIn(customer.id, self.ratios(customer, other))
