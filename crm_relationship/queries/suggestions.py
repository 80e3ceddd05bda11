"""The set-based statements of the suggestions: purchases and targets in temporary tables, then a few updates.

``crm_relationship_purchase`` holds what was bought, ``crm_relationship_suggestion_target`` what should be suggested;
both vanish at the end of the transaction. Every statement is linear in the company's purchases and suggestions.
"""

from datetime import date
from typing import NamedTuple

import numpy as np

from odoo.tools import SQL

from ..analytics.baskets import NONE

EPOCH = date(1970, 1, 1)
# What a target says of a suggestion beside what it is.
NUMBERS = tuple(
    "basis antecedent_id second_antecedent_id together_count antecedent_count support_ratio confidence_ratio lift"
    " interval_days last_date expected_date quantity".split()
)


class Purchases(NamedTuple):
    """Arrays of one length. ``days`` since 1970; ``baskets`` tell orders apart."""

    customers: np.ndarray
    baskets: np.ndarray
    products: np.ndarray
    days: np.ndarray
    quantities: np.ndarray


class Scope(NamedTuple):
    """Which suggestions are meant: of one company, and of these commercial partners (None for all)."""

    company_id: int
    today: date
    partner_ids: list[int] | None = None

    def holds(self, alias):
        """Condition on a relationship."""
        condition = SQL("%s = %s", SQL.identifier(alias, "company_id"), self.company_id)
        if self.partner_ids is None:
            return condition
        partner = SQL.identifier(alias, "partner_id")
        return SQL("%s AND %s = ANY(%s)", condition, partner, self.partner_ids)


def fill_purchases(env, transactions, scope):
    """Write what the customers of the company bought until today into ``crm_relationship_purchase``.

    Grain: customer, product, document, day. Nothing given back, free of a product or dated in the future: the
    purchases of queries/rhythms.py.

    :param transactions: SELECT with the columns of the transaction contract. Always of all customers: the rules
        come from all of them.
    """
    env.cr.execute(
        SQL(
            """
            DROP TABLE IF EXISTS crm_relationship_purchase;
            CREATE TEMPORARY TABLE crm_relationship_purchase ON COMMIT DROP AS
            SELECT partner_id, product_id, basket, day, SUM(quantity)::float8 AS quantity
              FROM (SELECT partner_id, product_id, date::date AS day, GREATEST(quantity, 0) AS quantity,
                           document_id::bigint * 256 + (hashtext(document_model) & 255) AS basket
                      FROM (%(transactions)s) transaction
                     WHERE company_id = %(company_id)s AND kind = 'sale' AND (revenue > 0 OR quantity > 0)
                       AND product_id IS NOT NULL AND partner_id IS NOT NULL
                       AND date < %(today)s::date + 1) line
             GROUP BY partner_id, product_id, basket, day;
            ANALYZE crm_relationship_purchase
            """,
            transactions=transactions,
            company_id=scope.company_id,
            today=scope.today,
        )
    )


def fetch_purchases(env):
    """The purchases as arrays, of products that are still sold. They come in binary: no object per value."""
    env.cr.execute(
        SQL(
            """
            SELECT string_agg(int4send(purchase.partner_id), ''::bytea),
                   string_agg(int8send(purchase.basket), ''::bytea),
                   string_agg(int4send(purchase.product_id), ''::bytea),
                   string_agg(int4send(purchase.day - %(epoch)s::date), ''::bytea),
                   string_agg(float8send(purchase.quantity), ''::bytea)
              FROM crm_relationship_purchase purchase
              JOIN product_product product ON product.id = purchase.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.active AND template.active AND template.sale_ok
            """,
            epoch=EPOCH,
        )
    )
    kinds = (">i4", ">i8", ">i4", ">i4", ">f8")
    natives = (np.int64, np.int64, np.int64, np.int64, np.float64)
    return Purchases(
        *(
            np.frombuffer(value or b"", dtype=kind).astype(native)
            for value, kind, native in zip(
                env.cr.fetchone(), kinds, natives, strict=True
            )
        )
    )


def fetch_suggestible(env, company_id):
    """Ids of the products that may be suggested: sold, not archived, not of another company, not what discounts are
    billed with, and no combination."""
    rows = env.execute_query(
        SQL(
            """
            SELECT product.id
              FROM product_product product
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.active AND template.active AND template.sale_ok AND template.type IN ('consu', 'service')
               AND (template.company_id IS NULL OR template.company_id = %s)
               AND NOT EXISTS (SELECT FROM res_company company WHERE company.sale_discount_product_id = product.id)
            """,
            company_id,
        )
    )
    return np.array([product_id for (product_id,) in rows], dtype=np.int64)


def _array(values):
    """An array as the text that PostgreSQL reads fastest: a list of constants would be parsed one by one."""
    return "{" + ",".join(map(str, values.tolist())) + "}"


def create_target(env):
    """Make the empty table of what should be suggested. Grain: relationship, kind, product."""
    env.cr.execute(
        SQL(
            """
            DROP TABLE IF EXISTS crm_relationship_suggestion_target;
            CREATE TEMPORARY TABLE crm_relationship_suggestion_target (
                relationship_id int, kind varchar, product_id int, basis varchar,
                antecedent_id int, second_antecedent_id int, together_count int, antecedent_count int,
                support_ratio float8, confidence_ratio float8, lift float8,
                interval_days int, last_date date, expected_date date, quantity numeric
            ) ON COMMIT DROP
            """
        )
    )


def add_next_products(env, scope, found, rules, bases):
    """Add the next products of customers to the target, with the numbers of the rule behind each.

    :param found: ``analytics.affinity.Suggestions``.
    :param rules: ``analytics.affinity.Rules``.
    :param bases: basis of each source of rules.
    """
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_suggestion_target
            SELECT relation.id, 'next_product', wanted.product_id, rule.basis,
                   rule.one, NULLIF(rule.two, %(none)s), rule.together_count, rule.antecedent_count,
                   rule.support_ratio, rule.confidence_ratio, rule.lift, NULL, NULL, NULL, 1
              FROM unnest(%(customers)s::int[], %(products)s::int[], %(rules)s::int[])
                   wanted (partner_id, product_id, rule)
              JOIN unnest(%(numbers)s::int[], %(basis)s::varchar[], %(together)s::int[], %(antecedent)s::int[],
                          %(support)s::float8[], %(confidence)s::float8[], %(lift)s::float8[],
                          %(one)s::int[], %(two)s::int[])
                   rule (number, basis, together_count, antecedent_count, support_ratio, confidence_ratio, lift,
                         one, two)
                   ON rule.number = wanted.rule
              JOIN crm_relationship relation ON relation.partner_id = wanted.partner_id
             WHERE relation.active AND %(scope)s
            """,
            customers=_array(found.customers),
            products=_array(found.items),
            rules=_array(found.rules),
            numbers=_array(np.arange(len(rules))),
            basis=_array(np.array(bases)[rules.sources]),
            none=NONE,
            together=_array(rules.counts),
            antecedent=_array(rules.antecedent_counts),
            support=_array(rules.support_ratio),
            confidence=_array(rules.confidence_ratio),
            lift=_array(rules.lift),
            one=_array(rules.antecedents[:, 0]),
            two=_array(rules.antecedents[:, 1]),
            scope=scope.holds("relation"),
        )
    )


def add_reorders(env, scope, due):
    """Add the reorders that are due to the target: as many as the last time, 1 where only money was booked then.

    :param due: ``analytics.reorder.Due``.
    """
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_suggestion_target
            SELECT relation.id, 'reorder', wanted.product_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                   wanted.interval_days, %(epoch)s::date + wanted.day,
                   %(epoch)s::date + wanted.day + wanted.interval_days,
                   COALESCE(NULLIF(wanted.quantity, 0), 1)
              FROM unnest(%(customers)s::int[], %(products)s::int[], %(intervals)s::int[], %(days)s::int[],
                          %(quantities)s::float8[])
                   wanted (partner_id, product_id, interval_days, day, quantity)
              JOIN crm_relationship relation ON relation.partner_id = wanted.partner_id
             WHERE relation.active AND %(scope)s
            """,
            epoch=EPOCH,
            customers=_array(due.customers),
            products=_array(due.items),
            intervals=_array(due.intervals),
            days=_array(due.last_days),
            quantities=_array(due.quantities),
            scope=scope.holds("relation"),
        )
    )


def finish_target(env):
    """Let the statements that follow find their rows, however many there are."""
    env.cr.execute(
        SQL(
            """
            CREATE UNIQUE INDEX ON crm_relationship_suggestion_target (relationship_id, kind, product_id);
            ANALYZE crm_relationship_suggestion_target
            """
        )
    )


def remove_vanished(env, scope):
    """Delete the open suggestions that nothing speaks for any more. :return: the number."""
    env.cr.execute(
        SQL(
            """
            DELETE FROM crm_relationship_suggestion suggestion
             USING crm_relationship relation
             WHERE relation.id = suggestion.relationship_id AND %s AND suggestion.state = 'open'
               AND NOT EXISTS (SELECT FROM crm_relationship_suggestion_target target
                                WHERE target.relationship_id = suggestion.relationship_id
                                  AND target.kind = suggestion.kind
                                  AND target.product_id = suggestion.product_id)
            """,
            scope.holds("relation"),
        )
    )
    return env.cr.rowcount


def update_changed(env):
    """Bring the numbers of open suggestions to their target, touching only those that differ. :return: the number."""
    names = [SQL.identifier(name) for name in NUMBERS]
    env.cr.execute(
        SQL(
            """
            UPDATE crm_relationship_suggestion suggestion
               SET (%(names)s) = (%(targets)s),
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM crm_relationship_suggestion_target target
             WHERE target.relationship_id = suggestion.relationship_id AND target.kind = suggestion.kind
               AND target.product_id = suggestion.product_id AND suggestion.state = 'open'
               AND (%(olds)s) IS DISTINCT FROM (%(targets)s)
            """,
            names=SQL(", ").join(names),
            targets=SQL(", ").join(SQL.identifier("target", name) for name in NUMBERS),
            olds=SQL(", ").join(SQL.identifier("suggestion", name) for name in NUMBERS),
            uid=env.uid,
        )
    )
    return env.cr.rowcount


def insert_missing(env, scope):
    """Insert what the target has and nobody was told yet. Such rows have no creator. :return: the number."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_suggestion
                   (relationship_id, company_id, kind, product_id, state, date, %(names)s, create_date, write_date)
            SELECT relationship_id, %(company_id)s, kind, product_id, 'open', %(today)s, %(names)s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM crm_relationship_suggestion_target target
             WHERE NOT EXISTS (SELECT FROM crm_relationship_suggestion pending
                                WHERE pending.relationship_id = target.relationship_id
                                  AND pending.kind = target.kind AND pending.product_id = target.product_id
                                  AND pending.state IN ('open', 'offered'))
             ORDER BY relationship_id, kind, product_id
            ON CONFLICT DO NOTHING
            """,
            names=SQL(", ").join(SQL.identifier(name) for name in NUMBERS),
            company_id=scope.company_id,
            today=scope.today,
        )
    )
    return env.cr.rowcount
