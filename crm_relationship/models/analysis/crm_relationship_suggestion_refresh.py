from typing import NamedTuple

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ...analytics import affinity, baskets, reorder
from ...queries import outcomes
from ...queries import suggestions as queries

BASES = ("customers", "orders")
# Rules beyond what the company sets: in a big company, what holds for fewer than one in 2,000 is no rule; and of
# all rules, at most one in 20 may be due to chance.
MINIMUM_SUPPORT_RATIO = 0.0005
FALSE_DISCOVERY_RATIO = 0.05


class Written(NamedTuple):
    """Numbers of suggestions that a refresh inserted, updated, removed, accepted and opened again."""

    inserted: int
    updated: int
    removed: int
    accepted: int
    reopened: int


class CrmRelationshipSuggestion(models.Model):
    """The one writer of open suggestions: facts in bulk, rules in memory, a few statements."""

    _inherit = "crm.relationship.suggestion"

    @api.model
    def _refresh_suggestions(self, company, partner_ids=None, transactions=None):
        """Bring the suggestions to the customers of a company up to date.

        The number of queries is constant, a second run writes nothing.

        :param partner_ids: commercial partners to make suggestions to; None for all. The rules are those of the
            whole company either way.
        :param transactions: SELECT with the columns of the transaction contract, of the whole company, where it has
            been computed already.
        :return: :class:`Written`.
        """
        self.env.flush_all()
        today = fields.Date.today()
        partner_ids = None if partner_ids is None else list(partner_ids)
        scope = queries.Scope(company.id, today, partner_ids)
        if transactions is None:
            transactions = self.env["crm.relationship.source"]._get_transaction_query()
        queries.fill_purchases(self.env, transactions, scope)
        accepted = outcomes.accept_bought(self.env, scope)
        reopened = outcomes.reopen_cancelled(self.env, scope)
        self._fill_target(company, scope)
        removed = queries.remove_vanished(self.env, scope)
        updated = queries.update_changed(self.env)
        inserted = queries.insert_missing(self.env, scope)
        written = Written(inserted, updated, removed, accepted, reopened)
        if any(written):
            self.env["crm.relationship.suggestion"].invalidate_model()
            self.env["crm.relationship"].invalidate_model(["suggestion_ids"])
        return written

    @api.model
    def _accept_ordered(self, orders):
        """What was suggested to the customers of orders that were just confirmed, and is in them, is accepted now:
        nobody calls a customer about it before the next refresh. One query, whatever the number."""
        if not orders:
            return
        self.env.flush_all()
        accepted_ids = outcomes.accept_ordered(self.env, orders.ids)
        if accepted_ids:
            self.browse(accepted_ids).invalidate_recordset()
            self.env["crm.relationship"].invalidate_model(["open_suggestion_count"])

    @api.model
    def _fill_target(self, company, scope):
        """Compute what should be suggested to whom."""
        purchases = queries.fetch_purchases(self.env)
        suggestible = queries.fetch_suggestible(self.env, company.id)
        since = scope.today - relativedelta(
            days=company.relationship_suggestion_pause_days
        )
        withheld = _by_kind(outcomes.fetch_withheld(self.env, scope, since))
        rules = self._mine_rules(company, purchases, scope.today)
        rules = rules.take(np.isin(rules.consequents, suggestible))
        own = _of_customers(purchases, scope.partner_ids)
        found = affinity.top_suggestions(
            (own.customers, own.products),
            rules,
            company.relationship_suggestion_count,
            withheld["next_product"],
        )
        queries.create_target(self.env)
        queries.add_next_products(self.env, scope, found, rules, BASES)
        due = self._get_due(company, own, suggestible, withheld["reorder"], scope.today)
        queries.add_reorders(self.env, scope, due)
        queries.finish_target(self.env)

    @api.model
    def _mine_rules(self, company, purchases, today):
        """Rules over what customers bought in the window, and over their orders in it, ranked together.

        Orders of one customer are no independent witnesses: what orders tell counts where enough customers buy
        the same products.
        """
        months = company.relationship_suggestion_window_months
        since = (today - relativedelta(months=months) - queries.EPOCH).days
        recent = purchases.days >= since
        limits = affinity.Limits(
            count=company.relationship_suggestion_minimum_count,
            support_ratio=MINIMUM_SUPPORT_RATIO,
            confidence_ratio=company.relationship_suggestion_confidence_ratio,
            false_discovery_ratio=FALSE_DISCOVERY_RATIO,
        )
        products = purchases.products[recent]
        customers, orders = purchases.customers[recent], purchases.baskets[recent]
        every = affinity.Limits(limits.count, MINIMUM_SUPPORT_RATIO)
        witnesses = affinity.mine(customers, products, every, BASES.index("customers"))
        by_order = affinity.mine(orders, products, limits, BASES.index("orders"))
        return affinity.merge(
            affinity.select(witnesses, limits),
            by_order.take(affinity.is_among(by_order, witnesses)),
        )

    @api.model
    def _get_due(self, company, purchases, suggestible, withheld, today):
        """The reorders that are due, for each customer those bought most often, as many as the company wants."""
        due = reorder.due_reorders(
            purchases.customers,
            purchases.products,
            purchases.days,
            purchases.quantities,
            (today - queries.EPOCH).days,
        )
        due = due.take(
            np.isin(due.items, suggestible)
            & ~baskets.is_pair_in((due.customers, due.items), withheld)
        )
        return due.most_bought(company.relationship_suggestion_count)


def _of_customers(purchases, partner_ids):
    """The purchases of these customers."""
    if partner_ids is None:
        return purchases
    own = np.isin(purchases.customers, np.array(partner_ids, dtype=np.int64))
    return queries.Purchases(*(values[own] for values in purchases))


def _by_kind(rows):
    """kind -> (customers, products) of rows (kind, customer, product)."""
    found = {"reorder": ([], []), "next_product": ([], [])}
    for kind, customer, product in rows:
        found[kind][0].append(customer)
        found[kind][1].append(product)
    return {
        kind: tuple(np.array(values, dtype=np.int64) for values in pair)
        for kind, pair in found.items()
    }
