"""Suggestions are offered, accepted and refused, by those who may."""

from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .suggestions import TODAY, SuggestionCase


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
                {"antecedent_id": False},
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
