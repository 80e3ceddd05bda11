"""The dashboard of the customer base: what it counts, for whom, and that its lists hold what it counted."""

from ast import literal_eval
from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCustomerBase(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.kept = cls.make_relationship(
            "Kept",
            revenue_12m_amount=900,
            contribution_12m_amount=300,
            first_order_date="2024-01-01",
            last_order_date="2026-02-01",
            alive_probability=0.9,
            next_order_date="2026-04-01",
        )
        cls.lost = cls.make_relationship(
            "Lost",
            contribution_12m_amount=-20,
            first_order_date="2024-01-01",
            last_order_date="2024-12-01",
            alive_probability=0.1,
            next_order_date="2025-01-01",
        )
        cls.fresh = cls.make_relationship(
            "Fresh",
            revenue_12m_amount=100,
            first_order_date="2026-03-01",
            last_order_date="2026-03-01",
        )

    @classmethod
    def make_relationship(cls, name, **values):
        return cls.env["crm.relationship"].create(
            {
                "partner_id": cls.make_customer(name).id,
                "company_id": cls.company.id,
                "segment_id": cls.segments["small"].id,
                **values,
            }
        )

    def base_as(self, role):
        relationships = self.env["crm.relationship"].with_user(self.users[role])
        found = relationships.with_company(self.company).get_customer_base()
        return found, {tile["key"]: tile for tile in found["tiles"]}

    def test_the_tiles_tell_how_the_customers_stand(self):
        _base, tiles = self.base_as("manager")
        told = {key: tile["value"] for key, tile in tiles.items()}
        self.assertEqual(
            told,
            {
                "customers": 3,
                "revenue": 1000,
                "contribution": 280,
                "at_risk": 1,
                "overdue": 1,
                "retention": 0.5,
                "suggestions": False,
            },
        )

    def test_each_tile_leads_to_the_customers_that_it_counts(self):
        _base, tiles = self.base_as("manager")
        behind = {
            key: self.env[tile["model"]].search(tile["domain"])
            for key, tile in tiles.items()
        }
        self.assertEqual(behind["customers"], self.kept + self.lost + self.fresh)
        for key in ("at_risk", "overdue", "retention"):
            self.assertEqual(behind[key], self.lost, key)
            self.assertEqual(len(behind[key]), tiles[key]["count"])

    def test_overdue_is_the_same_for_the_tile_the_filter_and_the_form(self):
        today = self.make_relationship("Today", next_order_date="2026-03-16")
        late = self.make_relationship(
            "Late", next_order_date="2026-03-15", overdue_ratio=1.2
        )
        others = self.kept + self.fresh + today
        _base, tiles = self.base_as("manager")
        tile = self.env["crm.relationship"].search(tiles["overdue"]["domain"])
        view = self.env.ref("crm_relationship.crm_relationship_view_search")
        (node,) = etree.fromstring(view.arch).xpath("//filter[@name='overdue']")
        company = [("company_id", "=", self.company.id)]
        found = tile.search(company + literal_eval(node.get("domain")))
        self.assertEqual(tile, found)
        self.assertEqual(found, (others + self.lost + late).filtered("is_overdue"))
        self.assertEqual(found, self.lost + late)
        not_overdue = found.search([*company, ("is_overdue", "=", False)])
        self.assertEqual(not_overdue, others)

    def test_without_an_estimate_nobody_is_said_to_be_safe(self):
        (self.kept + self.lost + self.fresh).write({"alive_probability": False})
        _base, tiles = self.base_as("manager")
        self.assertIs(tiles["at_risk"]["value"], False)

    def test_accepted_is_told_of_what_was_answered(self):
        names = ["A", "B", "C", "D"]
        products = self.env["product.product"].create(
            [{"name": name, "type": "service"} for name in names]
        )
        states = ["accepted", "refused", "refused", "open"]
        self.env["crm.relationship.suggestion"].create(
            [
                {
                    "relationship_id": self.kept.id,
                    "kind": "reorder",
                    "product_id": product.id,
                    "state": state,
                    "outcome_date": "2026-03-01" if state != "open" else False,
                    "refusal_reason": "No need" if state == "refused" else False,
                }
                for product, state in zip(products, states, strict=True)
            ]
        )
        _base, tiles = self.base_as("manager")
        tile = tiles["suggestions"]
        self.assertAlmostEqual(tile["value"], 1 / 3)
        self.assertEqual(self.env[tile["model"]].search_count(tile["domain"]), 3)

    def test_segments_and_months_are_summed_up(self):
        for relationship, revenue in ((self.kept, 70), (self.lost, 30)):
            self.env["crm.relationship.snapshot"].create(
                {
                    "relationship_id": relationship.id,
                    "company_id": self.company.id,
                    "date": "2026-02-28",
                    "revenue_amount": revenue,
                    "contribution_amount": revenue - 40,
                }
            )
        base, _tiles = self.base_as("manager")
        (month,) = base["months"]
        closed = self.env["crm.relationship.snapshot"].search(month.pop("domain"))
        self.assertEqual(closed.mapped("date"), [date(2026, 2, 28)] * len(closed))
        self.assertEqual(sum(closed.mapped("revenue_amount")), 100)
        self.assertEqual(
            month, {"date": "2026-02-01", "revenue": 100, "contribution": 20}
        )
        sums = [
            (item["name"], item["customer_count"], item["contribution"])
            for item in base["segments"]
        ]
        self.assertEqual(sums, [(self.segments["small"].name, 3, 280)])

    def test_profit_is_for_managers_and_customers_are_the_own_ones(self):
        self.lost.manager_id = self.users["user"]
        for role, count in (("user", 1), ("officer", 3)):
            base, tiles = self.base_as(role)
            self.assertNotIn("contribution", tiles)
            self.assertEqual(base["months"], [])
            self.assertFalse(any(item["contribution"] for item in base["segments"]))
            self.assertEqual(tiles["customers"]["value"], count)

    def test_it_is_for_those_who_look_after_customers(self):
        for role in ("portal", "internal", "sales"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.base_as(role)
