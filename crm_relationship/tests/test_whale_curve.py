"""The whale curve: its arithmetic for every input, what managers see of it, and that nobody else sees it."""

import logging
import random

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from ..analytics import curve
from ..models.analysis.crm_relationship_curve import GROUPINGS
from .common import RelationshipCase

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the whale curve are not tested"
    )

if given:
    always = settings(max_examples=200, deadline=None, derandomize=True, database=None)
    cents = st.integers(-10_000_000, 10_000_000)
    lists = st.lists(cents.map(lambda value: value / 100), max_size=60)

    @tagged("post_install", "-at_install")
    class TestCurveProperties(BaseCase):
        @given(lists)
        @always
        def test_it_is_the_naive_curve(self, amounts):
            found = curve.whale_curve(amounts)
            ordered = sorted(amounts, reverse=True)
            for position in range(len(amounts)):
                self.assertAlmostEqual(
                    found.cumulative[position], sum(ordered[: position + 1]), 6
                )
            gain = sum(amount for amount in amounts if amount > 0)
            loss = sum(amount for amount in amounts if amount < 0)
            self.assertAlmostEqual(found.peak, gain, 6)
            self.assertAlmostEqual(found.destroyed, -loss, 6)
            self.assertAlmostEqual(found.total, gain + loss, 6)

        @given(st.data(), lists)
        @always
        def test_the_order_of_the_customers_changes_nothing(self, data, amounts):
            one = curve.whale_curve(amounts)
            two = curve.whale_curve(data.draw(st.permutations(amounts)))
            self.assertEqual(one.cumulative.tolist(), two.cumulative.tolist())
            self.assertEqual(one.peak_share, two.peak_share)

        @given(lists)
        @always
        def test_the_peak_is_the_highest_point_and_its_share_at_least_all(
            self, amounts
        ):
            found = curve.whale_curve(amounts)
            highest = max([0.0, *found.cumulative.tolist()])
            self.assertAlmostEqual(found.peak, highest, 6)
            if isinstance(found.peak_share, curve.NoShare):
                self.assertLessEqual(found.total, 1e-3)
            else:
                self.assertGreaterEqual(found.peak_share, 1 - 1e-9)

        @given(lists, st.sampled_from([100.0, 0.5]))
        @always
        def test_another_currency_changes_no_share(self, amounts, rate):
            one = curve.whale_curve(amounts).peak_share
            two = curve.whale_curve([amount * rate for amount in amounts]).peak_share
            if isinstance(one, curve.NoShare):
                self.assertEqual(one, two)
            else:
                self.assertAlmostEqual(one / two, 1, 5)

        @given(lists, st.integers(3, 70))
        @always
        def test_the_sample_keeps_first_peak_and_last(self, amounts, limit):
            found = curve.whale_curve(amounts)
            positions = curve.sample_positions(found, limit).tolist()
            self.assertLessEqual(len(positions), limit)
            self.assertEqual(positions, sorted(set(positions)))
            if amounts:
                kept = {0, max(found.earning_count - 1, 0), len(amounts) - 1}
                self.assertLessEqual(kept, set(positions))

        @given(st.lists(st.tuples(cents, st.integers(0, 5)), max_size=60))
        @always
        def test_groups_are_the_parts_of_the_whole(self, rows):
            groups = curve.group_results(
                [amount for amount, _key in rows], [key for _amount, key in rows]
            )
            for group in groups:
                own = [amount for amount, key in rows if key == group.key]
                self.assertEqual(group.gain, sum(item for item in own if item > 0))
                self.assertEqual(group.loss, sum(item for item in own if item < 0))
                self.assertEqual(group.customer_count, len(own))
                self.assertEqual(
                    (group.earning_count, group.costing_count),
                    (sum(item > 0 for item in own), sum(item < 0 for item in own)),
                )
            self.assertEqual({group.key for group in groups}, {key for _, key in rows})
            totals = [group.total for group in groups]
            self.assertEqual(totals, sorted(totals, reverse=True))


@tagged("post_install", "-at_install")
class TestWhaleCurve(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.industries = cls.env["res.partner.industry"].create(
            [{"name": "Mining"}, {"name": "Music"}]
        )
        cls.mining, cls.music = cls.industries
        partners = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "industry_id": industry.id}
                for number, industry in enumerate(
                    [cls.mining, cls.mining, cls.music, cls.music.browse(), cls.music]
                )
            ]
        )
        cls.relationships = cls.env["crm.relationship"].create(
            [{"partner_id": item.id, "company_id": cls.company.id} for item in partners]
        )
        amounts = [1200.10, 300, -500.55, 0]
        for relationship, amount in zip(cls.relationships, amounts, strict=False):
            cls.set_contribution(relationship, amount)
        cls.without = cls.relationships[4]
        cls.empty_contribution(cls.without)

    @classmethod
    def set_contribution(cls, relationship, amount):
        relationship.contribution_12m_amount = amount

    @classmethod
    def empty_contribution(cls, relationships):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE crm_relationship SET contribution_12m_amount = NULL WHERE id IN %s",
                tuple(relationships.ids),
            )
        )
        relationships.invalidate_recordset()

    def curve_as(self, role, *args):
        relationships = self.env["crm.relationship"].with_user(self.users[role])
        return relationships.with_company(self.company).get_whale_curve(*args)

    def find(self, domain):
        company = [("company_id", "=", self.company.id)]
        return self.env["crm.relationship"].search(company + domain)

    def test_the_customers_are_added_up_from_the_best_to_the_worst(self):
        found = self.curve_as("manager")
        points = [[count, round(total, 2)] for count, total, *_ in found["points"]]
        self.assertEqual(points, [[1, 1200.1], [2, 1500.1], [3, 1500.1], [4, 999.55]])
        self.assertEqual(
            (found["customer_count"], found["earning_count"], found["costing_count"]),
            (4, 2, 1),
        )
        self.assertAlmostEqual(found["peak_share"], 1500.1 / 999.55)
        self.assertAlmostEqual(found["destroyed"], 500.55)

    def test_customers_without_figures_are_counted_and_left_out(self):
        self.assertEqual(self.curve_as("manager")["missing_count"], 1)
        self.assertEqual(self.find([("has_contribution", "=", False)]), self.without)
        self.assertEqual(
            self.relationships.mapped("has_contribution"), [True] * 4 + [False]
        )

    def test_a_point_leads_to_the_customers_behind_it(self):
        for number, (_count, _sum, high, low) in enumerate(
            self.curve_as("manager")["points"]
        ):
            behind = self.find(
                [
                    ("contribution_12m_amount", "<=", high),
                    ("contribution_12m_amount", ">=", low),
                    ("has_contribution", "=", True),
                ]
            )
            expected = self.relationships.sorted(
                "contribution_12m_amount", reverse=True
            )
            expected -= self.without
            self.assertEqual(behind, expected[number])

    def test_gain_and_loss_are_told_per_group(self):
        groups = self.curve_as("manager", "partner_id.industry_id")["groups"]
        told = {group["name"]: (group["gain"], group["loss"]) for group in groups}
        self.assertEqual(
            told, {"Mining": (1500.1, 0), "None": (0, 0), "Music": (0, -500.55)}
        )
        for group in groups:
            self.assertEqual(
                len(self.find(group["domain"] + [("has_contribution", "=", True)])),
                group["customer_count"],
            )
        for grouping in GROUPINGS:
            self.assertTrue(self.curve_as("manager", grouping)["groups"], grouping)

    def test_a_part_of_the_customers_has_a_curve_of_its_own(self):
        domain = [("partner_id.industry_id", "=", self.music.id)]
        found = self.curve_as("manager", None, domain)
        self.assertEqual((found["customer_count"], found["missing_count"]), (1, 1))
        self.assertEqual(
            (found["peak_share"], found["peak_share_reason"]), (False, "no_profit")
        )

    def test_without_customers_there_is_a_reason_and_no_number(self):
        found = self.curve_as("manager", "segment_id", [("id", "=", 0)])
        self.assertEqual(found["peak_share_reason"], "no_customers")
        self.assertEqual((found["points"], found["groups"]), ([], []))

    def test_other_companies_and_archived_customers_are_left_out(self):
        other = self.make_company("Elsewhere")
        self.env["crm.relationship"].create(
            {
                "partner_id": self.relationships[0].partner_id.id,
                "company_id": other.id,
                "contribution_12m_amount": 7,
            }
        )
        self.relationships[1].partner_id.active = False
        self.assertEqual(self.curve_as("manager")["customer_count"], 3)

    def test_the_curve_is_for_managers(self):
        for role in ("portal", "internal", "user", "officer"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.curve_as(role)
            fields = (
                self.env["crm.relationship"].with_user(self.users[role]).fields_get()
            )
            self.assertNotIn("has_contribution", fields)

    def test_an_unknown_grouping_is_refused_with_those_that_exist(self):
        with self.assertRaisesRegex(UserError, "segment_id"):
            self.curve_as("manager", "partner_id.vat; --")

    def test_the_queries_do_not_grow_with_the_customers(self):
        counts = []
        for size in (10, 40):
            partners = self.env["res.partner"].create(
                [{"name": f"More {size} {number}"} for number in range(size)]
            )
            self.env["crm.relationship"].create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": self.company.id,
                        "contribution_12m_amount": random.Random(partner.id).gauss(
                            0, 100
                        ),
                    }
                    for partner in partners
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self.curve_as("manager", "segment_id")
            before = self.env.cr.sql_log_count
            self.env.invalidate_all()
            self.curve_as("manager", "segment_id")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
