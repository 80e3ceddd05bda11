"""Key account plans: what is planned, what came, who is asked to review, and what is refused."""

from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


class PlanCase(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.customer = cls.make_customer("Plan Customer")
        cls.relationship = cls.env["crm.relationship"].create(
            {"partner_id": cls.customer.id, "company_id": cls.company.id}
        )

    @classmethod
    def make_plan(cls, relationship=None, **values):
        relationship = relationship or cls.relationship
        return cls.env["crm.relationship.plan"].create(
            {"relationship_id": relationship.id, "year": 2026, **values}
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPlanFigures(PlanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.standard_price = 30
        cls.make_order(cls.customer, "2025-12-31 23:00:00", 1000)
        cls.make_order(cls.customer, "2026-01-01 09:00:00", 100, 50)
        cls.make_order(cls.customer, "2026-03-01 09:00:00", 250)

    def test_the_actual_figures_are_those_of_the_year(self):
        plan = self.make_plan(planned_revenue_amount=800)
        self.assertEqual(plan.actual_revenue_amount, 400)
        self.assertEqual(plan.actual_margin_amount, 400 - 3 * 30)
        self.assertEqual(plan.revenue_ratio, 0.5)
        plan.year = 2025
        self.assertEqual(plan.actual_revenue_amount, 1000)

    def test_what_is_dated_in_the_future_has_not_come(self):
        self.make_order(self.customer, "2026-12-24 09:00:00", 5000)
        self.assertEqual(self.make_plan().actual_revenue_amount, 400)

    def test_nothing_planned_is_no_ratio_and_no_error(self):
        self.assertEqual(self.make_plan().revenue_ratio, 0)

    def test_the_figures_of_another_company_stay_there(self):
        other = self.make_company("Elsewhere")
        self.make_order(self.customer, "2026-02-01 09:00:00", 9999, company=other)
        self.assertEqual(self.make_plan().actual_revenue_amount, 400)

    def test_the_form_of_a_new_plan_shows_what_came_already(self):
        plan = self.env["crm.relationship.plan"].new(
            {"relationship_id": self.relationship.id, "year": 2026}
        )
        self.assertEqual(plan.actual_revenue_amount, 400)
        plan.year = 99999
        self.assertEqual(plan.actual_revenue_amount, 0)

    def test_the_queries_do_not_grow_with_the_plans(self):
        relationships = self.env["crm.relationship"].create(
            [
                {
                    "partner_id": self.make_customer(f"C{n}").id,
                    "company_id": self.company.id,
                }
                for n in range(40)
            ]
        )
        plans = self.env["crm.relationship.plan"].concat(
            *[self.make_plan(item) for item in relationships]
        )
        plans[:1].mapped("actual_revenue_amount")  # what is remembered for good
        counts = []
        for some in (plans[:10], plans):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("actual_revenue_amount")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_the_cost_to_serve_of_the_year_is_told(self):
        self.company.write(
            {"relationship_hour_amount": 60, "relationship_ticket_minutes": 30}
        )
        for month in (1, 2):
            with freeze_time(f"2026-0{month}-02 10:00:00"):
                self.env["helpdesk.ticket"].create(
                    {
                        "name": "Help",
                        "description": "Help",
                        "partner_id": self.customer.id,
                        "company_id": self.company.id,
                    }
                )
        costs = self.env["crm.relationship.cost"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertGreaterEqual(sum(costs.mapped("amount")), 60)
        self.assertEqual(
            self.make_plan().actual_cost_amount, sum(costs.mapped("amount"))
        )

    def test_plan_and_actual_stand_side_by_side(self):
        plan = self.make_plan(planned_revenue_amount=800, planned_margin_amount=300)
        rows = self.env["crm.relationship.plan.comparison"].search(
            [("plan_id", "=", plan.id)]
        )
        told = {(row.measure, row.side): row.amount for row in rows}
        self.assertEqual(
            told,
            {
                ("revenue", "planned"): 800,
                ("revenue", "actual"): plan.actual_revenue_amount,
                ("margin", "planned"): 300,
                ("margin", "actual"): plan.actual_margin_amount,
                ("cost", "planned"): 0,
                ("cost", "actual"): plan.actual_cost_amount,
            },
        )
        action = plan.action_view_comparison()
        self.assertEqual(action["domain"], [("plan_id", "in", plan.ids)])


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPlanReview(PlanCase):
    def open_reviews(self, plan):
        return [(item.user_id, item.date_deadline) for item in plan.activity_ids]

    def test_the_manager_is_asked_on_the_day_of_the_review(self):
        self.relationship.manager_id = self.users["officer"]
        plan = self.make_plan(next_review_date="2026-06-01")
        self.assertEqual(
            self.open_reviews(plan), [(self.users["officer"], date(2026, 6, 1))]
        )

    def test_another_day_moves_the_activity_and_no_day_removes_it(self):
        plan = self.make_plan(next_review_date="2026-06-01")
        plan.next_review_date = "2026-07-01"
        self.assertEqual(self.open_reviews(plan), [(self.env.user, date(2026, 7, 1))])
        plan.next_review_date = False
        self.assertFalse(plan.activity_ids)

    def test_a_closed_plan_is_not_reviewed(self):
        plan = self.make_plan(next_review_date="2026-06-01")
        plan.action_agree()
        plan.action_close()
        self.assertFalse(plan.activity_ids)
        plan.action_reopen()
        self.assertEqual(len(plan.activity_ids), 1)

    def test_the_plan_of_the_next_year_starts_from_this_one(self):
        contact = self.env["res.partner"].create(
            {"name": "Boss", "parent_id": self.customer.id}
        )
        plan = self.make_plan(
            objectives="<p>Grow</p>",
            stakeholder_ids=[Command.create({"contact_id": contact.id})],
            state="agreed",
        )
        copied = plan.copy()
        self.assertEqual((copied.year, copied.state), (2027, "draft"))
        self.assertEqual(copied.stakeholder_ids.contact_id, contact)

    def test_the_relationship_leads_to_its_plans(self):
        self.assertEqual(self.relationship.action_view_plans()["view_mode"], "form")
        self.make_plan()
        self.relationship.invalidate_recordset()
        self.assertEqual(self.relationship.plan_count, 1)
        self.assertNotEqual(self.relationship.action_view_plans()["view_mode"], "form")

    def test_merging_customers_keeps_the_plans(self):
        other = self.env["crm.relationship"].create(
            {"partner_id": self.make_customer("Twin").id, "company_id": self.company.id}
        )
        boss = self.env["res.partner"].create(
            {"name": "Boss", "parent_id": other.partner_id.id}
        )
        own = self.make_plan(planned_revenue_amount=1, objectives="<p>One</p>")
        self.make_plan(
            other,
            planned_revenue_amount=2,
            objectives="<p>Two</p>",
            stakeholder_ids=[Command.create({"contact_id": boss.id})],
        )
        next_year = self.make_plan(other, year=2027)
        other._merge_into(self.relationship)
        self.assertEqual(self.relationship.plan_ids, next_year + own)
        self.assertEqual(own.planned_revenue_amount, 3)
        self.assertEqual(own.objectives, "<p>One</p><p>Two</p>")
        self.assertEqual(own.stakeholder_ids.contact_id, boss)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPlanRefusals(PlanCase):
    def assert_refused(self, pattern, **values):
        with self.assertRaisesRegex(ValidationError, pattern), self.env.cr.savepoint():
            self.make_plan(**values)

    def test_a_plan_below_nothing_is_refused_by_name(self):
        self.assert_refused(
            "Planned Revenue is .*5.00.*0 or more", planned_revenue_amount=-5
        )
        self.assert_refused("Planned Margin", planned_margin_amount=-5)
        self.assert_refused("Planned Cost to Serve", planned_cost_amount=-5)

    def test_a_year_that_cannot_be_meant_is_refused(self):
        for year in (0, -1, 26, 1999, 2037, 20266, 10**12):
            with self.subTest(year):
                self.assert_refused(f"{year} is no year to plan for", year=year)
        plan = self.make_plan()
        with self.assertRaises(ValidationError):
            plan.year = 20266

    def test_a_second_plan_of_a_year_is_refused(self):
        plan = self.make_plan()
        self.assert_refused("Plan Customer already has a plan for 2026")
        other = self.make_plan(year=2027)
        with self.assertRaises(ValidationError):
            other.year = 2026
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE crm_relationship_plan SET year = 2026 WHERE id = %s",
                    [other.id],
                )
        self.assertTrue(plan.exists())

    def test_a_stranger_is_no_stakeholder(self):
        stranger = self.make_customer("Stranger")
        self.assert_refused(
            "Stranger is no contact of Plan Customer",
            stakeholder_ids=[Command.create({"contact_id": stranger.id})],
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPlanRights(PlanCase):
    def setUp(self):
        super().setUp()
        self.plan = self.make_plan(
            planned_revenue_amount=800, planned_margin_amount=300
        )

    def as_role(self, role, model="crm.relationship.plan"):
        return self.env[model].with_user(self.users[role]).with_company(self.company)

    def test_a_user_reads_the_plans_of_own_customers_and_changes_none(self):
        self.assertFalse(self.as_role("user").search([]))
        self.relationship.manager_id = self.users["user"]
        plan = self.as_role("user").search([])
        self.assertEqual(plan.sudo(), self.plan)
        with self.assertRaises(AccessError):
            plan.planned_revenue_amount = 1

    def test_margin_and_cost_are_for_managers(self):
        names = {"planned_margin_amount", "actual_margin_amount"}
        names |= {"planned_cost_amount", "actual_cost_amount"}
        self.relationship.manager_id = self.users["user"]
        for role in ("user", "officer"):
            self.assertFalse(names & set(self.as_role(role).fields_get()))
            rows = self.as_role(role, "crm.relationship.plan.comparison").search([])
            self.assertEqual(set(rows.mapped("measure")), {"revenue"})
        self.assertLessEqual(names, set(self.as_role("manager").fields_get()))
        rows = self.as_role("manager", "crm.relationship.plan.comparison").search([])
        self.assertEqual(len(rows), 6)

    def test_an_officer_keeps_plans_without_seeing_the_margin(self):
        plan = self.plan.with_user(self.users["officer"])
        plan.planned_revenue_amount = 900
        self.assertEqual(plan.actual_revenue_amount, 0)
        self.assertEqual(self.plan.planned_margin_amount, 300)

    def test_another_company_sees_nothing(self):
        other = self.make_company("Elsewhere")
        elsewhere = self.env["crm.relationship"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        self.make_plan(elsewhere)
        for model in ("crm.relationship.plan", "crm.relationship.plan.comparison"):
            found = self.as_role("manager", model).search([])
            self.assertEqual(found.company_id, self.company)
