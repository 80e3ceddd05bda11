import random
from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..analytics.affinity import Limits
from ..models import crm_relationship_suggestion_refresh as refresh_module
from .common import RelationshipCase
from .test_affinity import naive_rules

TODAY = date(2026, 3, 16)


class SuggestionCase(RelationshipCase):
    """A company that sells six products to customers, and what it suggests to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.env["product.product"].create(
            [
                {"name": name, "type": "consu", "list_price": 10}
                for name in ("Axe", "Bow", "Cap", "Drum", "Egg", "Flag")
            ]
        )
        cls.axe, cls.bow, cls.cap, cls.drum, cls.egg, cls.flag = cls.products

    @classmethod
    def buy(cls, partner, day, *products, quantity=1.0, company=None, **values):
        """A confirmed order of that day."""
        company = company or cls.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for product in products
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = f"{day} 09:00:00"
        return order

    @classmethod
    def make_customers(cls, count, name="Firm"):
        partners = cls.env["res.partner"].create(
            [
                {"name": f"{name} {number:02}", "is_company": True}
                for number in range(count)
            ]
        )
        cls.env["crm.relationship"].create(
            [
                {"partner_id": partner.id, "company_id": cls.company.id}
                for partner in partners
            ]
        )
        return partners

    def suggest(self, partners=None, company=None):
        """Refresh the suggestions as the night does; what was written."""
        partner_ids = None if partners is None else partners.ids
        model = self.env["crm.relationship.suggestion"].sudo()
        return model._refresh_suggestions(company or self.company, partner_ids)

    def suggestions_of(self, partner, company=None, **values):
        relationship = self.relationship_of(partner, company)
        domain = [("relationship_id", "=", relationship.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["crm.relationship.suggestion"].search(domain)

    @classmethod
    def tell_a_story(cls):
        """Twelve firms: of the nine that buy axe and bow, eight buy the cap; three others buy something else."""
        cls.firms = cls.make_customers(20)
        for number, firm in enumerate(cls.firms):
            if number < 9:
                cls.buy(firm, "2026-01-10", cls.axe)
                cls.buy(firm, "2026-01-20", cls.bow)
            else:
                cls.buy(firm, "2026-01-10", cls.drum)
            if number < 8:
                cls.buy(firm, "2026-02-01", cls.cap)
        cls.lacking = cls.firms[8]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestNextProducts(SuggestionCase):
    def test_what_others_buy_too_is_suggested_with_its_numbers(self):
        self.tell_a_story()
        self.suggest()
        found = self.suggestions_of(self.lacking)
        self.assertEqual(found.product_id, self.cap)
        self.assertEqual((found.kind, found.state), ("next_product", "open"))
        self.assertEqual((found.date, found.company_id), (TODAY, self.company))
        self.assertAlmostEqual(found.support_ratio, 8 / 20)
        self.assertAlmostEqual(found.confidence_ratio, 8 / 9)
        self.assertAlmostEqual(found.lift, (8 / 9) / (8 / 20))
        product = found.antecedent_product_ids
        self.assertEqual(
            found.reason,
            f"8 of 9 customers that buy {product.name} also buy Cap: 2.2 times the usual share.",
        )

    def test_nobody_is_told_what_he_buys_already(self):
        self.tell_a_story()
        self.suggest()
        for firm in self.firms[:8]:
            self.assertFalse(self.suggestions_of(firm))

    def test_few_customers_are_no_rule(self):
        self.tell_a_story()
        self.company.relationship_suggestion_minimum_count = 9
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))
        self.company.relationship_suggestion_minimum_count = 8
        self.company.relationship_suggestion_confidence_ratio = 0.9
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_what_was_bought_before_the_window_is_no_rule_but_is_known(self):
        self.tell_a_story()
        self.company.relationship_suggestion_window_months = 1
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))
        self.company.relationship_suggestion_window_months = 24
        self.buy(self.lacking, "2019-01-10", self.cap)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_what_cannot_be_sold_is_not_suggested(self):
        self.tell_a_story()
        for values in (
            {"active": False},
            {"sale_ok": False},
        ):
            with self.subTest(values):
                before = {name: self.cap[name] for name in values}
                self.cap.write(values)
                self.suggest()
                self.assertFalse(self.suggestions_of(self.lacking))
                self.cap.write(before)
        self.suggest()
        self.assertTrue(self.suggestions_of(self.lacking))

    def test_services_are_suggested_and_discounts_are_not(self):
        self.tell_a_story()
        self.cap.type = "service"
        self.suggest()
        self.assertTrue(self.suggestions_of(self.lacking, product_id=self.cap.id))
        self.company.sale_discount_product_id = self.cap
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking, product_id=self.cap.id))

    def test_orders_of_the_future_and_of_other_companies_do_not_count(self):
        self.tell_a_story()
        other = self.make_company("Relationship Other")
        self.buy(self.lacking, "2026-03-17", self.cap)
        self.buy(self.lacking, "2026-03-01", self.cap, company=other)
        self.suggest()
        self.assertEqual(self.suggestions_of(self.lacking).product_id, self.cap)
        self.suggest(company=other)
        self.assertFalse(self.suggestions_of(self.lacking, other))

    def test_a_second_run_writes_nothing_and_the_partition_is_the_customers(self):
        self.tell_a_story()
        self.assertFalse(any(self.suggest(self.firms[0])))
        self.assertFalse(self.suggestions_of(self.lacking))
        self.assertEqual(self.suggest(self.lacking).inserted, 1)
        self.assertFalse(any(self.suggest()))
        with freeze_time("2026-03-17 10:00:00"):
            self.assertFalse(any(self.suggest()))

    def test_numbers_follow_and_what_nothing_speaks_for_goes(self):
        self.tell_a_story()
        self.suggest()
        found = self.suggestions_of(self.lacking)
        newcomer = self.make_customers(1, "New")
        self.buy(newcomer, "2026-03-01", self.axe, self.bow, self.cap)
        self.assertEqual(self.suggest().updated, 1)
        self.assertAlmostEqual(found.confidence_ratio, 9 / 10)
        self.company.relationship_suggestion_minimum_count = 50
        self.assertEqual(self.suggest().removed, 1)
        self.assertFalse(found.exists())

    def test_archived_customers_are_told_nothing(self):
        self.tell_a_story()
        self.lacking.active = False
        self.suggest()
        self.assertFalse(self.suggestions_of(self.lacking))

    def test_repeated_orders_of_one_customer_are_one_witness(self):
        firms = self.make_customers(12)
        for week in range(8):
            self.buy(firms[0], TODAY - timedelta(days=60 + week), self.egg, self.flag)
        for firm in firms[1:]:
            self.buy(firm, "2026-01-10", self.drum)
        self.buy(firms[1], "2026-01-11", self.egg)
        self.suggest()
        self.assertFalse(self.suggestions_of(firms[1]))

    def test_the_same_as_a_naive_reference(self):
        shuffle = random.Random(5)
        firms = self.make_customers(14)
        bought, orders = {firm: set() for firm in firms}, []
        for _turn in range(30):
            firm = shuffle.choice(list(firms))
            basket = shuffle.sample(list(self.products), shuffle.randint(1, 4))
            day = TODAY - timedelta(days=shuffle.randint(1, 600))
            self.buy(firm, day, *basket)
            bought[firm] |= {product.id for product in basket}
            orders.append({product.id for product in basket})
        limits = Limits(count=3, confidence_ratio=0.3)
        with patch.object(refresh_module, "FALSE_DISCOVERY_RATIO", None):
            self.suggest()
        rules = self.rank(bought, orders, limits)
        self.assertTrue(rules)
        for firm, items in bought.items():
            expected = {}
            for _rank, causes, effect, numbers in rules:
                if set(causes) <= items and effect not in items:
                    expected.setdefault(effect, (set(causes), *numbers))
            found = self.suggestions_of(firm, kind="next_product")
            self.assertEqual(
                {
                    item.product_id.id: (
                        set(item.antecedent_product_ids.ids),
                        item.together_count,
                        item.antecedent_count,
                    )
                    for item in found
                },
                dict(list(expected.items())[:3]),
            )

    def rank(self, bought, orders, limits):
        """The rules of customers and orders, counted one by one, the best first."""
        by_customer = naive_rules([set(items) for items in bought.values()], limits)
        by_order = naive_rules(orders, limits)
        witnesses = naive_rules(
            [set(items) for items in bought.values()], Limits(count=limits.count)
        )
        ranked = []
        for source, rules in enumerate((by_customer, by_order)):
            for (causes, effect), (together, before, after, total) in rules.items():
                if source and (causes, effect) not in witnesses:
                    continue
                confidence = together / before
                lift = confidence / (after / total)
                rank = (
                    -confidence,
                    -lift,
                    -together,
                    len(causes),
                    causes,
                    effect,
                    source,
                )
                ranked.append((rank, causes, effect, (together, before)))
        return sorted(ranked)

    def test_the_number_of_queries_does_not_grow(self):
        self.tell_a_story()
        self.suggest()
        counts = []
        for size in (2, 20):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.suggest(self.firms[:size])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestReorders(SuggestionCase):
    def setUp(self):
        super().setUp()
        self.firm = self.make_customers(1)

    def buy_on(self, *days, product=None, quantity=1.0):
        for day in days:
            self.buy(self.firm, day, product or self.axe, quantity=quantity)

    def test_what_is_bought_in_a_rhythm_is_due_again(self):
        self.buy_on("2025-12-05", "2026-01-04", quantity=4)
        self.buy_on("2026-02-03", quantity=7)
        self.suggest()
        found = self.suggestions_of(self.firm)
        self.assertEqual((found.kind, found.product_id), ("reorder", self.axe))
        self.assertEqual((found.interval_days, found.quantity), (30, 7))
        self.assertEqual(found.expected_date, date(2026, 3, 5))
        reason = "Buys this every 30 days, the last time 41 days ago."
        self.assertEqual(found.reason, reason)
        self.assertFalse(any(self.suggest()))

    def test_two_purchases_are_no_rhythm(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-02-03")
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_all_on_one_day_is_no_rhythm(self):
        self.buy_on(*["2026-02-03"] * 4)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_not_yet_due_and_long_since_stopped(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-03-05")
        self.buy_on("2025-01-01", "2025-01-31", "2025-03-02", product=self.bow)
        self.suggest()
        self.assertFalse(self.suggestions_of(self.firm))

    def test_at_most_as_many_as_the_company_wants(self):
        for product in self.products[:5]:
            self.buy_on("2025-12-05", "2026-01-04", "2026-02-03", product=product)
        self.buy_on("2025-11-05", product=self.egg)
        self.company.relationship_suggestion_count = 2
        self.suggest()
        found = self.suggestions_of(self.firm, kind="reorder")
        self.assertEqual(found.product_id, self.egg + self.axe)

    def test_the_same_as_a_naive_reference(self):
        shuffle = random.Random(11)
        days = {product: set() for product in self.products}
        for _turn in range(45):
            product = shuffle.choice(list(self.products))
            day = TODAY - timedelta(days=shuffle.randint(1, 200))
            self.buy_on(day, product=product)
            days[product].add(day)
        expected = {}
        for product, bought in days.items():
            ordered = sorted(bought)
            gaps = [(b - a).days for a, b in zip(ordered, ordered[1:], strict=False)]
            interval = len(gaps) >= 2 and int(median(gaps) + 0.5)
            waited = (TODAY - ordered[-1]).days
            if interval and interval <= waited <= 3 * interval:
                expected[product] = (interval, ordered[-1])
        self.company.relationship_suggestion_count = 10
        self.suggest()
        found = self.suggestions_of(self.firm, kind="reorder")
        self.assertEqual(
            {item.product_id: (item.interval_days, item.last_date) for item in found},
            expected,
        )
        self.assertTrue(expected)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestSuggestionStates(SuggestionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tell_a_story()
        for day in ("2025-12-05", "2026-01-04", "2026-02-03"):
            cls.buy(cls.lacking, day, cls.egg, quantity=3)
        cls.seller = new_test_user(
            cls.env,
            "suggestion_seller",
            groups="crm_relationship.group_relationship_user,sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.users = cls.make_users(cls.company)
        cls.lacking.user_id = cls.seller

    def setUp(self):
        super().setUp()
        self.suggest()
        self.found = self.suggestions_of(self.lacking)
        self.cap_suggestion = self.found.filtered(lambda s: s.product_id == self.cap)

    def as_seller(self, records):
        return records.with_user(self.seller)

    def refuse(self, suggestion, reason="Too dear"):
        action = suggestion.action_refuse()
        wizard = (
            suggestion.env[action["res_model"]]
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        return wizard.action_confirm()

    def test_one_quotation_holds_all_that_is_chosen_for_a_customer(self):
        self.assertEqual(self.found.product_id, self.cap + self.egg)
        action = self.as_seller(self.found).action_create_quotation()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((order.state, order.partner_id), ("draft", self.lacking))
        self.assertEqual(order.company_id, self.company)
        quantities = {
            line.product_id: line.product_uom_qty for line in order.order_line
        }
        self.assertEqual(quantities, {self.cap: 1, self.egg: 3})
        self.assertEqual(set(self.found.mapped("state")), {"offered"})
        self.assertEqual(self.found.sale_order_id, order)
        self.assertFalse(any(self.suggest()))

    def test_several_customers_get_one_quotation_each(self):
        other = self.make_customers(1, "Other")
        self.buy(other, "2026-01-10", self.axe, self.bow)
        self.suggest()
        both = self.found + self.suggestions_of(other)
        action = both.action_create_quotation()
        orders = self.env["sale.order"].search(action["domain"])
        self.assertEqual(orders.partner_id, self.lacking + other)
        self.assertEqual(len(orders), 2)

    def test_who_may_not_sell_is_told_so(self):
        self.lacking.user_id = self.users["user"]
        suggestion = self.cap_suggestion.with_user(self.users["user"])
        with self.assertRaisesRegex(UserError, "those who may sell"):
            suggestion.action_create_quotation()
        self.assertEqual(self.cap_suggestion.state, "open")

    def test_what_is_bought_afterwards_is_accepted_whether_offered_or_not(self):
        self.found.action_create_quotation()
        order = self.found.sale_order_id
        cap_line = order.order_line.filtered(lambda line: line.product_id == self.cap)
        cap_line.unlink()
        bought = order.copy({"order_line": [], "date_order": "2026-04-02 09:00:00"})
        bought.order_line = [Command.create({"product_id": self.cap.id})]
        (self.found - self.cap_suggestion).action_reopen()
        with freeze_time("2026-04-02 10:00:00"):
            # imported as they are, past the confirmation
            bought.write({"state": "sale"})
            order.write({"state": "sale", "date_order": "2026-04-01 09:00:00"})
            self.assertEqual(self.suggest().accepted, 2)
            self.assertEqual(set(self.found.mapped("state")), {"accepted"})
            self.assertEqual(
                self.found.sorted("product_id").mapped("outcome_date"),
                [date(2026, 4, 2), date(2026, 4, 1)],
            )
            self.assertFalse(any(self.suggest()))

    def test_a_confirmed_order_counts_before_it_is_invoiced(self):
        self.company.relationship_revenue_basis = "invoiced"
        self.buy(self.lacking, "2026-03-16", self.cap)
        self.suggest()
        self.assertEqual(self.cap_suggestion.state, "accepted")

    def test_what_is_ordered_and_no_purchase_yet_is_not_suggested_again(self):
        order = self.buy(self.lacking, "2026-03-16", self.cap)
        self.assertEqual(self.cap_suggestion.state, "accepted")
        facts = self.env["crm.relationship.source"]._get_transaction_query()
        invoiced = SQL(
            "SELECT * FROM (%s) fact WHERE document_id <> %s", facts, order.id
        )
        model = self.env["crm.relationship.suggestion"]
        for day in ("2026-03-16", "2026-03-18"):
            with freeze_time(f"{day} 10:00:00"):
                model._refresh_suggestions(self.company, transactions=invoiced)
            again = self.suggestions_of(self.lacking, product_id=self.cap.id)
            self.assertEqual(again, self.cap_suggestion)
        order._action_cancel()
        model._refresh_suggestions(self.company, transactions=invoiced)
        again = self.suggestions_of(self.lacking, product_id=self.cap.id)
        self.assertEqual(set(again.mapped("state")), {"accepted", "open"})

    def test_what_waits_for_its_invoice_is_not_suggested_in_the_first_place(self):
        self.cap_suggestion.sudo().unlink()
        order = self.buy(self.lacking, "2026-03-16", self.cap)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE told ON COMMIT DROP AS SELECT * FROM (%s) fact WHERE document_id <> %s",
                self.env["crm.relationship.source"]._get_transaction_query(),
                order.id,
            )
        )
        self.company.relationship_revenue_basis = "invoiced"
        model = self.env["crm.relationship.suggestion"].sudo()
        told = SQL("SELECT * FROM told")
        model._refresh_suggestions(self.company, transactions=told)
        self.assertFalse(self.suggestions_of(self.lacking, product_id=self.cap.id))
        order._action_cancel()
        model._refresh_suggestions(self.company, transactions=told)
        again = self.suggestions_of(self.lacking, product_id=self.cap.id)
        self.assertEqual(again.state, "open")

    def test_a_reorder_that_was_accepted_can_be_due_again(self):
        with freeze_time("2026-04-02 10:00:00"):
            self.buy(self.lacking, "2026-04-01", self.egg)
            self.suggest()
        with freeze_time("2026-05-20 10:00:00"):
            self.suggest()
            states = self.suggestions_of(self.lacking, product_id=self.egg.id)
            self.assertEqual(states.mapped("state"), ["open", "accepted"])

    def test_the_confirmation_of_an_order_accepts_what_is_in_it(self):
        self.assertFalse(self.env["crm.relationship.suggestion"]._accept_ordered([]))
        self.as_seller(self.cap_suggestion).action_create_quotation()
        order = self.cap_suggestion.sale_order_id
        relationship = self.cap_suggestion.relationship_id
        self.assertEqual(relationship.open_suggestion_count, 1)
        self.as_seller(order).action_confirm()
        self.assertEqual(self.cap_suggestion.state, "accepted")
        self.assertEqual(self.cap_suggestion.outcome_date, TODAY)
        egg = self.found - self.cap_suggestion
        self.assertEqual(egg.state, "open")
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.lacking.id}
        )
        self.buy(contact, "2026-03-16", self.egg, quantity=0)
        self.buy(self.firms[0], "2026-03-16", self.egg)
        self.assertEqual(egg.state, "open")
        self.buy(contact, "2026-03-16", self.egg)
        self.assertEqual(egg.state, "accepted")
        self.assertEqual(relationship.open_suggestion_count, 0)
        self.assertEqual(self.suggest().accepted, 0)

    def test_what_was_refused_stays_so_when_it_is_ordered(self):
        self.refuse(self.cap_suggestion)
        self.buy(self.lacking, "2026-03-16", self.cap)
        self.assertEqual(self.cap_suggestion.state, "refused")

    def test_a_batch_of_orders_is_one_query(self):
        model = self.env["crm.relationship.suggestion"]
        orders = [self.buy(firm, "2026-03-16", self.flag) for firm in self.firms[:10]]
        counts = []
        for size in (1, 10):
            some = self.env["sale.order"].concat(*orders[:size])
            self.env.flush_all()
            before = self.cr.sql_log_count
            model._accept_ordered(some)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])

    def test_a_cancelled_quotation_opens_the_suggestion_again(self):
        self.cap_suggestion.action_create_quotation()
        self.cap_suggestion.sale_order_id._action_cancel()
        self.assertEqual(self.suggest().reopened, 1)
        self.assertEqual(self.cap_suggestion.state, "open")
        self.assertFalse(self.cap_suggestion.sale_order_id)

    def test_a_refusal_needs_a_reason_and_holds_for_a_time(self):
        suggestion = self.as_seller(self.cap_suggestion)
        with self.assertRaises(UserError):
            self.refuse(suggestion, "  ")
        self.refuse(suggestion)
        self.assertEqual(suggestion.state, "refused")
        self.assertEqual(suggestion.refusal_reason, "Too dear")
        self.assertFalse(any(self.suggest()))
        self.company.relationship_suggestion_pause_days = 30
        with freeze_time("2026-04-14 10:00:00"):
            self.assertEqual(self.suggest().inserted, 0)
        with freeze_time("2026-04-15 10:00:00"):
            self.suggest()
            again = self.suggestions_of(self.lacking, product_id=self.cap.id)
            self.assertEqual(again.mapped("state"), ["open", "refused"])
            with self.assertRaisesRegex(UserError, "already suggested"):
                suggestion.action_reopen()

    def test_a_refused_reorder_pauses_too(self):
        egg = self.found - self.cap_suggestion
        self.refuse(egg)
        self.assertFalse(any(self.suggest()))
        with self.assertRaises(ValidationError):
            egg.refusal_reason = False

    def test_a_decision_can_be_taken_back(self):
        for decide in (self.refuse, lambda item: item.action_create_quotation()):
            decide(self.cap_suggestion)
            self.as_seller(self.cap_suggestion).action_reopen()
            self.assertEqual(self.cap_suggestion.state, "open")
            self.assertFalse(self.cap_suggestion.refusal_reason)
            self.assertFalse(self.cap_suggestion.sale_order_id)
        with self.assertRaisesRegex(UserError, "cannot be opened again"):
            self.cap_suggestion.action_reopen()

    def test_only_open_ones_are_offered(self):
        self.refuse(self.cap_suggestion)
        with self.assertRaisesRegex(UserError, "Refused"):
            self.found.action_create_quotation()

    @mute_logger("odoo.sql_db")
    def test_a_product_is_pending_once(self):
        with self.assertRaises(IntegrityError):
            self.cap_suggestion.copy()

    def test_users_see_and_change_those_of_their_customers(self):
        model = self.env["crm.relationship.suggestion"]
        self.assertEqual(model.with_user(self.seller).search([]), self.found)
        self.assertFalse(model.with_user(self.users["user"]).search([]))
        foreign = self.cap_suggestion.with_user(self.users["user"])
        for action in ("action_refuse", "action_reopen", "action_create_quotation"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(foreign, action)()
        self.assertEqual(model.with_user(self.users["officer"]).search([]), self.found)
        other = self.make_company("Relationship Other")
        self.seller.company_ids += other
        elsewhere = model.with_user(self.seller).with_context(
            allowed_company_ids=other.ids
        )
        self.assertFalse(elsewhere.search([]))

    def test_nobody_writes_past_the_buttons(self):
        manager = self.users["manager"]
        for user in (self.seller, self.users["officer"], manager):
            suggestion = self.cap_suggestion.with_user(user)
            for values in (
                {"state": "accepted"},
                {"support_ratio": 1.0},
                {"antecedent_product_ids": [Command.clear()]},
                {"relationship_id": suggestion.relationship_id.id},
            ):
                with self.subTest(user=user.login, values=values):
                    with self.assertRaisesRegex(AccessError, "its buttons"):
                        suggestion.write(values)
            with self.assertRaises(AccessError):
                suggestion.copy()
            command = Command.update(suggestion.id, {"state": "refused"})
            with self.assertRaises(AccessError):
                suggestion.relationship_id.write({"suggestion_ids": [command]})
        self.assertEqual(self.cap_suggestion.state, "open")
        self.refuse(self.as_seller(self.cap_suggestion))
        self.as_seller(self.cap_suggestion).action_reopen()
        self.assertEqual(self.cap_suggestion.write_uid, self.seller)

    def test_the_relationship_counts_and_opens_them(self):
        relationship = self.relationship_of(self.lacking).with_user(self.seller)
        self.assertEqual(relationship.open_suggestion_count, 2)
        action = relationship.action_view_suggestions()
        found = self.env["crm.relationship.suggestion"].search(action["domain"])
        self.assertEqual(found, self.found)

    def test_merged_customers_keep_what_was_suggested_to_both(self):
        other = self.make_customers(1, "Other")
        self.buy(other, "2026-01-10", self.axe, self.bow)
        self.suggest()
        twin = self.suggestions_of(other)
        self.assertEqual(twin.product_id, self.cap)
        self.refuse(twin)
        self.relationship_of(other)._merge_into(self.relationship_of(self.lacking))
        everything = self.suggestions_of(self.lacking)
        self.assertEqual(len(everything), 3)
        self.assertEqual(twin.relationship_id.partner_id, self.lacking)

    def test_settings_out_of_reason_are_refused(self):
        for name, value in (
            ("relationship_suggestion_count", -1),
            ("relationship_suggestion_minimum_count", 0),
            ("relationship_suggestion_confidence_ratio", 1.5),
            ("relationship_suggestion_window_months", 0),
            ("relationship_suggestion_pause_days", 9999),
        ):
            with self.subTest(name):
                with self.assertRaises(ValidationError) as refused:
                    self.company[name] = value
                self.assertIn(str(value), str(refused.exception))

    def test_the_reason_is_told_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.cap.with_context(lang="de_DE").name = "Kappe"
        reason = self.cap_suggestion.with_context(lang="de_DE").reason
        self.assertIn("Kappe", reason)
        self.assertIn("Cap", self.cap_suggestion.reason)
        self.assertEqual(fields.Date.today(), self.cap_suggestion.date)
