import random
from contextlib import suppress
from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.analysis.crm_relationship_refresh import STEPS
from .common import RelationshipCase

TODAY = date(2026, 3, 16)
FIGURES = (
    "revenue_12m_amount",
    "order_count_12m",
    "first_order_date",
    "last_order_date",
    "tenure_days",
    "segment_id",
)


class KilledError(Exception):
    """The process of a cron ends here."""


def ago(days):
    return TODAY - timedelta(days=days)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRefresh(RelationshipCase):
    def setUp(self):
        super().setUp()
        self.orders = []

    def order(self, partner, day, *prices, **values):
        self.orders.append((partner, day, sum(prices)))
        return self.make_order(partner, f"{day} 09:00:00", *prices, **values)

    def set_thresholds(self, key, core, new_days=0):
        self.company.write(
            {
                "relationship_key_share_ratio": key,
                "relationship_core_share_ratio": core,
                "relationship_new_days": new_days,
            }
        )

    def segments_of(self, *partners):
        return [self.relationship_of(partner).segment_id.code for partner in partners]

    # --- a naive reference ---

    def expected_figures(self):
        """relationship -> what its figures and segment should be, said as plainly as possible."""
        figures = {}
        for relationship in self.env["crm.relationship"].search(
            [("company_id", "=", self.company.id)]
        ):
            own = [
                (day, price)
                for partner, day, price in self.orders
                if partner.commercial_partner_id == relationship.partner_id
            ]
            recent = [
                price for day, price in own if day >= TODAY - relativedelta(months=12)
            ]
            days = sorted(day for day, _price in own)
            figures[relationship] = {
                "revenue_12m_amount": sum(recent),
                "order_count_12m": len(recent),
                "first_order_date": days[0] if days else False,
                "last_order_date": days[-1] if days else False,
                "tenure_days": (TODAY - days[0]).days if days else 0,
            }
        for relationship, code in self.expected_segments(figures):
            figures[relationship]["segment_id"] = self.segments[code]
        return figures

    def expected_segments(self, figures):
        company = self.company
        total = sum(max(row["revenue_12m_amount"], 0) for row in figures.values())
        before = 0
        ranked = sorted(
            figures, key=lambda item: (-figures[item]["revenue_12m_amount"], item.id)
        )
        for relationship in ranked:
            row = figures[relationship]
            bound = company.relationship_key_share_ratio
            if row["first_order_date"] and row["first_order_date"] >= ago(
                company.relationship_new_days
            ):
                yield relationship, "new"
            elif before < round(bound * total, 6):
                yield relationship, "key"
            elif before < round(
                (bound + company.relationship_core_share_ratio) * total, 6
            ):
                yield relationship, "core"
            else:
                yield relationship, "small"
            before += max(row["revenue_12m_amount"], 0)

    def assert_as_expected(self):
        self.env["crm.relationship"].invalidate_model()
        for relationship, row in self.expected_figures().items():
            for name, value in row.items():
                message = f"{relationship.partner_id.name}: {name}"
                if name == "revenue_12m_amount":
                    self.assertAlmostEqual(relationship[name], value, 2, message)
                else:
                    self.assertEqual(relationship[name], value, message)

    def make_random_customers(self, seed):
        """Customers with none to four orders over three years: ties, zeros and negatives among them."""
        dice = random.Random(seed)
        for number in range(12):
            partner = self.make_customer(f"Customer {number}")
            self.env["crm.relationship"].create({"partner_id": partner.id})
            for _order in range(dice.randrange(5)):
                prices = [dice.choice([0, 100, 100, 250.5, -30]) for _line in range(2)]
                self.order(partner, ago(dice.randrange(1000)), *prices)

    # --- figures and classes ---

    def test_figures_and_segments_equal_the_naive_reference(self):
        self.make_random_customers(seed=1)
        for shares in [(0.5, 0.45), (0, 0), (1, 0), (0, 1), (0.1, 0.2), (0.55, 0.35)]:
            for new_days in (0, 90, 400):
                with self.subTest(shares=shares, new_days=new_days):
                    self.set_thresholds(*shares, new_days)
                    self.refresh()
                    self.assert_as_expected()

    def test_rows_appear_by_themselves_in_the_order_of_the_customers(self):
        first, second = self.make_customer("First"), self.make_customer("Second")
        self.order(second, ago(200), 10)
        self.order(first, ago(200), 10)
        self.env.cr.execute(
            SQL("DELETE FROM crm_relationship WHERE company_id = %s", self.company.id)
        )
        self.env.invalidate_all()
        self.assertEqual(self.refresh(), (2, 0))
        self.assertLess(self.relationship_of(first).id, self.relationship_of(second).id)
        self.assert_as_expected()

    def test_equal_revenue_is_ranked_by_id(self):
        partners = [self.make_customer(f"Tie {number}") for number in range(4)]
        for partner in partners:
            self.order(partner, ago(200), 100)
        self.set_thresholds(0.5, 0.25)
        self.refresh()
        self.assertEqual(self.segments_of(*partners), ["key", "key", "core", "small"])

    def test_a_share_that_reaches_the_bound_exactly_is_beyond_it(self):
        """0.1 + 0.2 is a little more than 0.3 in floating point; the customer at 0.3 is small all the same."""
        partners = [self.make_customer(f"Share {number}") for number in range(3)]
        for partner, price in zip(partners, (70, 30, 0), strict=True):
            self.order(partner, ago(200), price)
        self.set_thresholds(0.1, 0.6)
        self.refresh()
        self.assertEqual(self.segments_of(*partners), ["key", "small", "small"])

    def test_the_only_customer_is_a_key_account(self):
        partner = self.make_customer("Only")
        self.order(partner, ago(200), 1)
        self.set_thresholds(0.5, 0.45)
        self.refresh()
        self.assertEqual(self.segments_of(partner), ["key"])

    def test_without_revenue_everybody_is_small(self):
        partner = self.make_customer("Zero")
        self.order(partner, ago(200), 0)
        self.set_thresholds(1, 0)
        self.refresh()
        self.assertEqual(self.segments_of(partner), ["small"])

    def test_a_new_customer_is_new_whatever_the_revenue(self):
        lately, before = self.make_customer("Lately"), self.make_customer("Before")
        self.order(lately, ago(90), 1000)
        self.order(before, ago(91), 1000)
        self.set_thresholds(0.5, 0.45, new_days=90)
        self.refresh()
        self.assertEqual(self.segments_of(lately, before), ["new", "core"])

    def test_orders_of_a_contact_count_for_its_company(self):
        partner = self.make_customer("Mother")
        contact = self.env["res.partner"].create(
            {"name": "Son", "parent_id": partner.id}
        )
        self.order(contact, ago(10), 40)
        self.order(partner, ago(5), 2)
        self.refresh()
        self.assertEqual(self.relationship_of(partner).revenue_12m_amount, 42)
        self.assertFalse(self.relationship_of(contact))

    def test_an_order_of_tomorrow_does_not_count_yet(self):
        partner = self.make_customer("Early")
        self.make_order(partner, f"{TODAY + timedelta(days=1)} 00:00:00", 10)
        self.refresh()
        self.assertFalse(self.relationship_of(partner).first_order_date)

    def test_two_companies_have_figures_of_their_own(self):
        other = self.make_company("Other")
        partner = self.make_customer("Shared")
        self.order(partner, ago(10), 5)
        self.make_order(partner, f"{ago(400)} 09:00:00", 7, company=other)
        self.refresh()
        self.refresh(company=other)
        self.assertEqual(self.relationship_of(partner).revenue_12m_amount, 5)
        foreign = self.relationship_of(partner, other)
        self.assertEqual(foreign.revenue_12m_amount, 0)
        self.assertEqual(foreign.first_order_date, ago(400))

    # --- who is a customer ---

    def test_an_archived_customer_has_an_archived_relationship(self):
        partner = self.make_customer("Gone")
        self.order(partner, ago(200), 10)
        partner.active = False
        self.refresh()
        self.assertFalse(self.relationship_of(partner).active)
        self.assertEqual(self.relationship_of(partner).revenue_12m_amount, 10)

    def test_a_ticket_a_lead_or_a_role_make_a_customer(self):
        with_ticket, with_lead, with_role, without = (
            self.make_customer(name) for name in ("Ticket", "Lead", "Role", "Nothing")
        )
        self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "Help", "partner_id": with_ticket.id}
        )
        contact = self.env["res.partner"].create(
            {"name": "Boss", "parent_id": with_lead.id}
        )
        self.env["crm.lead"].create(
            {"name": "Chance", "partner_id": contact.id, "company_id": self.company.id}
        )
        with_role.write({"customer_rank": 1, "company_id": self.company.id})
        self.refresh()
        for partner in (with_ticket, with_lead, with_role):
            self.assertEqual(self.relationship_of(partner).segment_id.code, "small")
            self.assertEqual(self.relationship_of(partner).stage_id.code, "prospect")
        self.assertFalse(self.relationship_of(without))

    # --- people's decisions ---

    def test_a_segment_by_hand_wins_until_the_day_after_its_end(self):
        partner = self.make_customer("Friend")
        self.order(partner, ago(200), 0)
        relationship = self.relationship_of(partner)
        relationship.write(
            {
                "segment_id": self.segments["key"].id,
                "segment_reason": "Promised",
                "segment_until_date": TODAY + timedelta(days=3),
            }
        )
        with freeze_time(TODAY + timedelta(days=3)):
            self.refresh()
            self.assertEqual(relationship.segment_id.code, "key")
        with freeze_time(TODAY + timedelta(days=4)):
            self.refresh()
        self.assertEqual(relationship.segment_id.code, "small")
        self.assertFalse(relationship.segment_is_manual)
        self.assertFalse(relationship.segment_reason)
        self.assertFalse(relationship.segment_until_date)

    def test_giving_a_segment_back_forgets_its_reason(self):
        partner = self.make_customer("Friend")
        relationship = self.env["crm.relationship"].create({"partner_id": partner.id})
        relationship.write(
            {"segment_id": self.segments["small"].id, "segment_reason": "Promised"}
        )
        relationship.segment_is_manual = False
        self.assertEqual(relationship.segment_id.code, "small")
        self.assertFalse(relationship.segment_reason)

    def test_a_type_begins_and_ends_by_its_dates(self):
        relationship = self.env["crm.relationship"].create(
            {"partner_id": self.make_customer("Planned").id}
        )
        self.env["crm.relationship.assignment"].create(
            {
                "relationship_id": relationship.id,
                "type_id": self.types["personal"].id,
                "since": TODAY + timedelta(days=2),
                "until": TODAY + timedelta(days=4),
                "is_primary": True,
            }
        )
        seen = []
        for day in range(6):
            with freeze_time(TODAY + timedelta(days=day)):
                self.refresh()
                seen.append(relationship.primary_type_id.code)
        default = ["transactional"]
        self.assertEqual(seen, default * 2 + ["personal"] * 3 + default)

    def test_the_promise_of_open_tickets_follows_the_segment(self):
        partner = self.make_customer("Rising")
        policy = self.env["crm.relationship.policy"].create(
            {
                "company_id": self.company.id,
                "segment_id": self.segments["key"].id,
                "first_response_hours": 1,
                "resolution_hours": 4,
            }
        )
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "Help", "partner_id": partner.id}
        )
        self.assertNotEqual(ticket.policy_id, policy)
        self.order(partner, ago(200), 10)
        self.refresh()
        self.assertEqual(ticket.policy_id, policy)

    # --- again and in part ---

    def test_a_second_refresh_writes_nothing(self):
        self.make_random_customers(seed=2)
        self.refresh()
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE crm_relationship SET write_date = '2020-01-01'")
        )
        self.assertEqual(self.refresh(), (0, 0))
        self.env.cr.execute(
            SQL(
                "SELECT COUNT(*) FROM crm_relationship WHERE company_id = %s AND write_date > '2020-01-01'",
                self.company.id,
            )
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_a_partial_refresh_equals_a_full_one(self):
        self.make_random_customers(seed=3)
        self.refresh()
        relationships = self.env["crm.relationship"].search(
            [("company_id", "=", self.company.id)]
        )
        changed = relationships[::3].partner_id
        for partner in changed:
            self.order(partner, ago(7), 300)
        self.refresh(changed)
        rest = {item: [item[name] for name in FIGURES] for item in relationships}
        self.refresh()
        self.env["crm.relationship"].invalidate_model()
        for item in relationships.filtered(lambda item: item.partner_id in changed):
            self.assertEqual([item[name] for name in FIGURES], rest[item])
        self.assert_as_expected()

    def test_a_partial_refresh_touches_nobody_else(self):
        self.make_random_customers(seed=4)
        self.assertEqual(self.refresh(self.env["res.partner"]), (0, 0))
        one = self.env["crm.relationship"].search(
            [("company_id", "=", self.company.id)]
        )[:1]
        self.env.cr.execute(
            SQL(
                "UPDATE crm_relationship SET tenure_days = 12345 WHERE company_id = %s",
                self.company.id,
            )
        )
        self.assertEqual(self.refresh(one.partner_id), (0, 1))

    def test_an_order_that_only_takes_back_is_none(self):
        partner = self.make_customer("Gave back")
        self.order(partner, ago(40), 10)
        back = self.make_order(partner, f"{ago(3)} 09:00:00", 10)
        back.order_line.write({"product_uom_qty": -1, "price_unit": 10})
        self.refresh()
        relationship = self.relationship_of(partner)
        self.assertEqual(relationship.revenue_12m_amount, 0)
        self.assertEqual(relationship.order_count_12m, 1)
        self.assertEqual(relationship.last_order_date, ago(40))

    def test_nobody_writes_figures_by_hand(self):
        partner = self.make_customer("Tempting")
        manager = self.make_users(self.company)["manager"]
        relationship = self.relationship_of(partner).with_user(manager)
        with self.assertRaisesRegex(AccessError, "Revenue 12 Months"):
            relationship.write({"revenue_12m_amount": 1e9})
        self.assertEqual(relationship.revenue_12m_amount, 0)

    def test_the_button_refreshes_one_customer(self):
        partner = self.make_customer("Pressed")
        self.order(partner, ago(200), 10)
        relationship = self.relationship_of(partner)
        self.assertEqual(relationship.revenue_12m_amount, 0)
        relationship.action_refresh()
        self.assertEqual(relationship.revenue_12m_amount, 10)

    def test_the_partner_shows_the_new_segment_at_once(self):
        partner = self.make_customer("Shown")
        self.order(partner, ago(200), 10)
        self.assertEqual(partner.relationship_segment_id.code, "new")
        self.refresh()
        self.assertEqual(partner.relationship_segment_id.code, "key")

    # --- the cron ---

    def run_cron(self):
        """Run the cron as the scheduler does; (company id, step) of all that it did."""
        relationships = self.env.registry["crm.relationship"]
        run_steps, done = relationships._run_steps, []

        def note(model, company, partner_ids=None, steps=STEPS):
            for step, result in run_steps(model, company, partner_ids, steps):
                done.append((company.id, step))
                yield step, result

        cron = self.env.ref("crm_relationship.ir_cron_refresh")
        with (
            patch.object(relationships, "_run_steps", note),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        return done

    def run_steps(self, count=None):
        """Run the cron outside of the scheduler; killed after so many steps."""
        calls = []

        def commit(_model, done=0, **_kwargs):
            calls.append(done)
            if sum(calls) == count:
                raise KilledError
            return 60.0

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit):
            self.env["crm.relationship"]._cron_refresh()

    def get_refresh(self):
        return self.env["crm.relationship.refresh"].search(
            [("company_id", "=", self.company.id)], limit=1
        )

    def test_the_cron_refreshes_every_company_once_a_day(self):
        own = [(self.company.id, step) for step in STEPS]
        self.assertLessEqual(set(own), set(self.run_cron()))
        refresh = self.get_refresh()
        self.assertEqual(
            (refresh.date, refresh.state, refresh.progress), (TODAY, "done", 100)
        )
        self.assertEqual(self.run_cron(), [])
        with freeze_time(TODAY + timedelta(days=1)):
            self.assertLessEqual(set(own), set(self.run_cron()))

    def test_an_interrupted_cron_goes_on_with_the_next_step(self):
        partner = self.make_customer("Halfway")
        self.order(partner, ago(40), 10)
        others = self.env["res.company"].search([("id", "!=", self.company.id)])
        self.env["crm.relationship.refresh"].create(
            [
                {"company_id": other.id, "date": TODAY, "state": "done"}
                for other in others
            ]
        )
        with suppress(KilledError):  # assertRaises would take back what was committed
            self.run_steps(1)
        refresh = self.get_refresh()
        self.assertEqual((refresh.state, refresh.step), ("running", "suggestions"))
        self.assertAlmostEqual(refresh.progress, 100 / 3)
        relationship = self.relationship_of(partner)
        self.assertEqual(relationship.revenue_12m_amount, 10)
        months = self.env["crm.relationship.snapshot"]
        own = [("relationship_id", "=", relationship.id)]
        self.assertFalse(months.search(own))
        rest = [(self.company.id, step) for step in STEPS[1:]]
        self.assertEqual(self.run_cron(), rest)
        self.assertEqual(refresh.state, "done")
        self.assertEqual(sum(months.search(own).mapped("revenue_amount")), 10)

    def test_what_was_cut_off_yesterday_begins_anew(self):
        with suppress(KilledError):  # assertRaises would take back what was committed
            self.run_steps(1)
        with freeze_time(TODAY + timedelta(days=1)):
            done = self.run_cron()
            self.assertIn((self.company.id, "figures"), done)
        refreshes = self.env["crm.relationship.refresh"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(refreshes.mapped("state"), ["done", "failed"])

    def test_a_company_that_fails_does_not_stop_the_others(self):
        relationships = self.env.registry["crm.relationship"]
        figures = relationships._refresh_figures

        def fail(model, company, *arguments):
            if company == self.company:
                raise ValueError("no luck today")
            return figures(model, company, *arguments)

        log = (
            "odoo.addons.crm_relationship.models.analysis.crm_relationship_refresh_run"
        )
        with (
            patch.object(relationships, "_refresh_figures", fail),
            self.assertLogs(log, "ERROR") as caught,
        ):
            self.run_steps()
        self.assertIn(self.company.name, caught.output[0])
        refreshes = self.env["crm.relationship.refresh"].search([])
        failed = refreshes.filtered(lambda item: item.state != "done")
        self.assertEqual(failed.company_id, self.company)
        self.assertEqual((failed.state, failed.message), ("failed", "no luck today"))

    def test_a_manager_starts_a_refresh_anew(self):
        self.run_cron()
        manager = self.make_users(self.company)["manager"]
        self.get_refresh().with_user(manager).action_start()
        self.assertEqual(self.get_refresh().state, "running")
        self.assertIn((self.company.id, "figures"), self.run_cron())

    def test_a_promise_that_is_made_late_counts_at_once(self):
        """A ticket from before the install is late as soon as it has a deadline: a second refresh changes nothing."""
        partner = self.make_customer("Waiting")
        self.order(partner, ago(40), 10)
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Old", "description": "Help", "partner_id": partner.id}
        )
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE helpdesk_ticket SET relationship_id = NULL, policy_id = NULL, next_deadline = NULL,
                   resolution_deadline = NULL, first_response_deadline = NULL, create_date = %s
             WHERE id = %s
            """,
            [f"{ago(60)} 09:00:00", ticket.id],
        )
        self.env.invalidate_all()
        self.refresh()
        components = self.relationship_of(partner).health_components
        self.assertEqual(components["late_tickets"]["value"], 1)
        self.assertEqual(self.refresh(), (0, 0))

    def test_the_days_overdue_are_those_since_the_next_order_was_expected(self):
        late, early = self.make_customer("Late"), self.make_customer("Early")
        for day in (100, 80, 60):
            self.order(late, ago(day), 10)
        for day in (45, 25, 5):
            self.order(early, ago(day), 10)
        self.refresh()
        relationship = self.relationship_of(late)
        self.assertEqual(relationship.interval_spread_days, 0)
        self.assertEqual(relationship.next_order_date, ago(40))
        self.assertEqual(relationship.overdue_days, 40)
        self.assertEqual(self.relationship_of(early).overdue_days, 0)

    def test_the_discounts_lead_to_their_lines(self):
        partner = self.make_customer("Bargain")
        self.order(partner, ago(10), 10)
        cheap = self.order(partner, ago(20), 10)
        old = self.order(partner, ago(500), 10)
        (cheap + old).order_line.discount = 50
        action = self.relationship_of(partner).action_view_discounts()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines.mapped("document_id"), cheap.ids)
