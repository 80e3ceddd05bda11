import random
from datetime import date, datetime

from freezegun import freeze_time

from odoo.fields import Domain
from odoo.tests import tagged

from ..report.crm_relationship_period import get_ids, get_period
from .costs import CostCase

REPORTS = {
    "crm.relationship.transaction": ("revenue", "kind"),
    "crm.relationship.cost": ("amount", "part"),
    "crm.relationship.interaction": ("minutes", "channel"),
    "crm.relationship.compass": ("effort", "side"),
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReportPeriods(CostCase):
    """A report reads the months that it is asked for, and says the same of them as if it read all."""

    def setUp(self):
        super().setUp()
        dice = random.Random(5)
        self.make_random_sales(dice)
        self.make_random_costs(dice)
        self.own = [("partner_id", "in", (self.partner_a + self.partner_b).ids)]

    def rows(self, name, domain):
        """row id -> what it says."""
        self.env.invalidate_all()
        found = self.env[name].search([*self.own, *domain])
        values = {row["id"]: row for row in found.read(["date", *REPORTS[name]])}
        self.assertEqual(len(values), len(found))
        return values

    def test_each_month_by_itself_is_the_same(self):
        for name in REPORTS:
            with self.subTest(name):
                whole = self.rows(name, [])
                self.assertTrue(whole)
                days = sorted({str(row["date"])[:10] for row in whole.values()})
                for first, last in (days[:2], days[3:9:5], days[-2:]):
                    domain = [("date", ">=", first), ("date", "<=", f"{last} 23:59:59")]
                    if name.endswith("compass"):
                        domain[1] = ("date", "<=", last)
                    expected = {
                        key: row
                        for key, row in whole.items()
                        if first <= str(row["date"])[:10] <= last
                    }
                    self.assertTrue(expected)
                    self.assertEqual(self.rows(name, domain), expected)

    def test_a_row_is_found_by_its_id(self):
        for name in REPORTS:
            with self.subTest(name):
                for key, row in list(self.rows(name, []).items())[:7]:
                    self.env.invalidate_all()
                    alone = self.env[name].browse(key)
                    self.assertEqual(alone.read(list(row)), [row])
                    self.assertTrue(alone.exists())
                    self.assertFalse(self.env[name].search([("id", "in", [1])]))

    def test_groups_add_up_to_the_rows(self):
        for name, (measure, group) in REPORTS.items():
            for domain in (
                [("date", ">=", "2025-09-10")],
                [("date", "<", "2025-09-10")],
            ):
                with self.subTest(name, domain=domain):
                    expected = {}
                    for row in self.rows(name, domain).values():
                        key = row[group]
                        expected[key] = expected.get(key, 0) + row[measure]
                    found = self.env[name]._read_group(
                        [*self.own, *domain], [group], [f"{measure}:sum"]
                    )
                    self.assertEqual({key for key, _sum in found}, set(expected))
                    for key, total in found:
                        self.assertAlmostEqual(total, expected[key], 2)

    def test_who_began_is_told_to_those_who_ask(self):
        report = self.env["crm.relationship.interaction"]
        self.assertFalse(report.search_count([("initiative", "=", False)]))
        for key, _count in report._read_group([], ["initiative"], ["__count"]):
            self.assertTrue(key)
        asked = [("initiative", "=", "reactive")]
        count = report.search_count(asked)
        self.assertTrue(count)
        self.assertEqual(
            sum(row[1] for row in report._read_group(asked, ["channel"], ["__count"])),
            count,
        )
        ((sets,),) = (report._read_grouping_sets([], [["initiative"]], ["__count"]),)
        self.assertTrue(all(key for key, _count in sets))

    def test_bought_again_needs_the_year_after(self):
        again = self.env["crm.relationship.compass"]
        domain = [*self.own, ("date", ">=", "2024-01-01"), ("date", "<", "2025-02-01")]
        for row in again.search(domain):
            alone = again.search(
                [*self.own, ("date", "=", row.date), ("id", "=", row.id)]
            )
            self.assertEqual(alone.bought_again, row.bought_again)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPeriodOfADomain(CostCase):
    def period(self, *conditions):
        model = self.env["crm.relationship.transaction"]
        return get_period(Domain(list(conditions)).optimize_full(model), "date")

    def test_the_days_that_a_domain_leaves(self):
        early, late = ("date", ">=", "2025-03-05"), ("date", "<", "2025-06-01")
        start, end = datetime(2025, 3, 5), datetime(2025, 6, 1)
        sale = ("kind", "=", "sale")
        for conditions, expected in (
            ((), (None, None)),
            ((sale,), (None, None)),
            ((early,), (start, None)),
            ((early, late, sale), (start, end)),
            (("|", early, sale), (None, None)),
            (("|", early, late), (None, None)),
            (("|", "&", early, late, "&", early, late), (start, end)),
            (("!", late), (None, None)),
        ):
            with self.subTest(conditions):
                self.assertEqual(self.period(*conditions), expected)

    def test_the_rows_that_a_domain_names(self):
        model = self.env["crm.relationship.transaction"]
        for conditions, expected in (
            ([("id", "in", [3, 4])], [3, 4]),
            ([("id", "=", 3), ("kind", "=", "sale")], [3]),
            (["|", ("id", "=", 3), ("kind", "=", "sale")], None),
            ([("id", "not in", [3])], None),
            ([], None),
        ):
            found = get_ids(Domain(conditions).optimize_full(model))
            self.assertEqual(found and sorted(found), expected)

    def test_the_last_12_months(self):
        first, last = self.period(("date", ">=", "today -1y"))
        self.assertEqual((first.date(), last), (date(2025, 3, 16), None))
