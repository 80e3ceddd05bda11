"""The set-based statements of the refresh: facts into temporary tables, then one INSERT and one UPDATE.

Every statement is linear in the company's transactions and customers. The facts come from ``facts.py``. Temporary
tables of the transaction: ``crm_relationship_target`` holds what each relationship of the company should be, grain one
row per commercial partner; ``crm_relationship_measure`` and ``crm_relationship_score`` its figures (see
``figures.py``), same grain.
"""

from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL

from . import figures

# The stored facts of a relationship, beside the figures.
FACTS = (
    "revenue_12m_amount",
    "order_count_12m",
    "first_order_date",
    "last_order_date",
    "tenure_days",
)


@dataclass(frozen=True)
class RefreshValues:
    """What the refresh of one company decides with: ids of data records, thresholds and dates."""

    company_id: int
    uid: int
    today: date
    window_start: date
    new_since: date
    key_bound: float
    core_bound: float
    decimal_places: int
    default_type_id: int | None
    segment_ids: dict[str, int]
    stage_ids: dict[str, int]
    is_only_company: bool


def fill_target(env, transactions, values, partner_ids=None):
    """Compute the target of each relationship of the company.

    :param transactions: SELECT with the columns of the transaction contract.
    :param values: :class:`RefreshValues`.
    :param partner_ids: commercial partners to read facts of; None for all. The others keep their
        stored revenue, so that the shares stay those of the whole company.
    """
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_relationship_target"))
    env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE crm_relationship_target ON COMMIT DROP AS %s",
            target_query(transactions, values, partner_ids),
        )
    )
    env.cr.execute(SQL("ANALYZE crm_relationship_target (relationship_id)"))


def facts_query(transactions, values, partner_ids=None):
    """Orders and revenue per commercial partner. Grain: partner_id.

    A document that only takes back is no order: it has neither revenue nor a quantity above 0.
    """
    only = (
        SQL("AND partner_id = ANY(%s)", list(partner_ids))
        if partner_ids is not None
        else SQL()
    )
    return SQL(
        """
        SELECT partner_id,
               ROUND(SUM(revenue) FILTER (WHERE last_date >= %(window_start)s)::numeric,
                     %(decimal_places)s) AS revenue,
               COUNT(*) FILTER (WHERE is_order AND last_date >= %(window_start)s) AS order_count,
               (MIN(first_date) FILTER (WHERE is_order))::date AS first_order_date,
               (MAX(last_date) FILTER (WHERE is_order))::date AS last_order_date
          FROM (SELECT partner_id, kind = 'sale' AND BOOL_OR(revenue > 0 OR quantity > 0) AS is_order,
                       SUM(revenue) AS revenue, MIN(date) AS first_date, MAX(date) AS last_date
                  FROM (%(transactions)s) transaction
                 WHERE company_id = %(company_id)s AND date < %(today)s::date + 1 %(only)s
                 GROUP BY partner_id, kind, document_model, document_id) document
         WHERE partner_id IS NOT NULL
         GROUP BY partner_id
        """,
        transactions=transactions,
        company_id=values.company_id,
        window_start=values.window_start,
        today=values.today,
        decimal_places=values.decimal_places,
        only=only,
    )


def customers_query(values):
    """Commercial partners that are customers of the company without a transaction: by a ticket, a lead or a
    customer's role. A role on a shared contact counts where there is only one company. Grain: partner_id."""
    return SQL(
        """
        SELECT commercial_partner_id AS partner_id FROM helpdesk_ticket
         WHERE company_id = %(company_id)s
        UNION
        SELECT contact.commercial_partner_id FROM crm_lead lead
          JOIN res_partner contact ON contact.id = lead.partner_id
         WHERE lead.company_id = %(company_id)s OR (lead.company_id IS NULL AND %(only)s)
        UNION
        SELECT commercial_partner_id FROM res_partner
         WHERE customer_rank > 0 AND (company_id = %(company_id)s OR (company_id IS NULL AND %(only)s))
        """,
        company_id=values.company_id,
        only=values.is_only_company,
    )


def known_query(values):
    """The company's relationships as they are stored, with the type that today's primary assignment gives. Grain: id.

    Index: ``crm_relationship(company_id)``, ``crm_relationship_assignment(company_id)``.
    """
    return SQL(
        """
        SELECT relation.id, relation.partner_id, relation.segment_id, relation.primary_type_id,
               COALESCE(assigned.type_id, %(default_type_id)s) AS type_id,
               relation.revenue_12m_amount,
               relation.segment_is_manual
                   AND COALESCE(relation.segment_until_date >= %(today)s, TRUE) AS is_manual
          FROM crm_relationship relation
          LEFT JOIN (SELECT DISTINCT ON (relationship_id) relationship_id, type_id
                       FROM crm_relationship_assignment
                      WHERE is_primary AND since <= %(today)s AND (until IS NULL OR until >= %(today)s)
                        AND company_id = %(company_id)s
                      ORDER BY relationship_id, since DESC, id DESC) assigned
                 ON assigned.relationship_id = relation.id
         WHERE relation.company_id = %(company_id)s
        """,
        company_id=values.company_id,
        today=values.today,
        default_type_id=values.default_type_id,
    )


def target_query(transactions, values, partner_ids=None):
    """SELECT of what each relationship of the company should be; relationship_id is NULL where it is missing."""
    in_scope = (
        SQL("partner_id = ANY(%s)", list(partner_ids))
        if partner_ids is not None
        else SQL("partner_id IS NOT NULL")
    )
    return SQL(
        """
        WITH facts AS MATERIALIZED (%(facts)s),
        customer AS (
            SELECT partner_id FROM facts
            UNION
            SELECT partner_id FROM (%(customers)s) other WHERE partner_id IS NOT NULL AND %(in_scope)s
        ),
        known AS (%(known)s),
        merged AS (
            SELECT known.id AS relationship_id,
                   COALESCE(known.partner_id, customer.partner_id) AS partner_id,
                   COALESCE(facts.revenue,
                            CASE WHEN NOT (known.%(in_scope)s) THEN known.revenue_12m_amount END,
                            0) AS revenue,
                   COALESCE(facts.order_count, 0) AS order_count,
                   facts.first_order_date, facts.last_order_date,
                   known.segment_id AS old_segment_id, known.primary_type_id AS old_type_id,
                   known.is_manual, COALESCE(known.type_id, %(default_type_id)s) AS type_id
              FROM known
              FULL JOIN customer ON customer.partner_id = known.partner_id
              LEFT JOIN facts ON facts.partner_id = COALESCE(known.partner_id, customer.partner_id)
        ),
        shared AS (
            SELECT merged.*,
                   COALESCE(SUM(GREATEST(revenue, 0)) OVER (
                       ORDER BY revenue DESC, relationship_id NULLS LAST, partner_id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS revenue_before,
                   SUM(GREATEST(revenue, 0)) OVER () AS revenue_total
              FROM merged
        )
        SELECT relationship_id, partner_id, revenue, order_count, first_order_date, last_order_date,
               %(today)s::date - first_order_date AS tenure_days,
               CASE WHEN is_manual THEN old_segment_id
                    WHEN first_order_date >= %(new_since)s THEN %(new)s
                    WHEN revenue_before < ROUND(%(key_bound)s, 6) * revenue_total THEN %(key)s
                    WHEN revenue_before < ROUND(%(core_bound)s, 6) * revenue_total THEN %(core)s
                    ELSE %(small)s END AS segment_id,
               COALESCE(is_manual, FALSE) AS segment_is_manual,
               type_id, old_segment_id, old_type_id
          FROM shared
         WHERE %(in_scope)s
        """,
        facts=facts_query(transactions, values, partner_ids),
        customers=customers_query(values),
        known=known_query(values),
        in_scope=in_scope,
        today=values.today,
        new_since=values.new_since,
        key_bound=values.key_bound,
        core_bound=values.core_bound,
        default_type_id=values.default_type_id,
        **values.segment_ids,
    )


def _list(names):
    return SQL(", ").join(map(SQL.identifier, names))


def insert_missing(env, values):
    """Insert the relationships that the target knows and the table does not, in the order of their partners.

    They have no creator: nobody made them, and two foreign keys less are checked for each row. The stage says
    where such a customer stands: never ordered, ordered lately, silent for a year or two.

    :return: the number of rows inserted.
    """
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship
                   (company_id, partner_id, active, stage_id, primary_type_id, segment_id, segment_is_manual,
                    revenue_12m_amount, order_count_12m, first_order_date, last_order_date, tenure_days,
                    create_date, write_date, %(names)s)
            SELECT %(company_id)s, target.partner_id, partner.active,
                   CASE WHEN target.first_order_date IS NULL THEN %(prospect)s
                        WHEN target.first_order_date >= %(new_since)s THEN %(onboarding)s
                        WHEN target.last_order_date >= %(window_start)s THEN %(active)s
                        WHEN target.last_order_date >= %(window_start)s - 365 THEN %(dormant)s
                        ELSE %(lost)s END,
                   target.type_id, target.segment_id, FALSE,
                   target.revenue, target.order_count, target.first_order_date, target.last_order_date,
                   target.tenure_days,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %(figures)s
              FROM crm_relationship_target target
              JOIN res_partner partner ON partner.id = target.partner_id
              JOIN crm_relationship_measure measure ON measure.partner_id = target.partner_id
              JOIN crm_relationship_score score ON score.partner_id = target.partner_id
             WHERE target.relationship_id IS NULL
             ORDER BY target.partner_id
            ON CONFLICT DO NOTHING
            """,
            names=_list(figures.names()),
            figures=SQL(", ").join(figures.columns("measure", "score")),
            company_id=values.company_id,
            new_since=values.new_since,
            window_start=values.window_start,
            **values.stage_ids,
        )
    )
    return env.cr.rowcount


def update_changed(env, values):
    """Bring the stored rows to their target, touching only those that differ.

    :return: (number of rows written, ids of the rows whose segment or primary type changed).
    """
    rows = env.execute_query(
        SQL(
            """
            UPDATE crm_relationship relation
               SET revenue_12m_amount = target.revenue,
                   order_count_12m = target.order_count,
                   first_order_date = target.first_order_date,
                   last_order_date = target.last_order_date,
                   tenure_days = target.tenure_days,
                   segment_id = target.segment_id,
                   segment_is_manual = target.segment_is_manual,
                   segment_reason = CASE WHEN target.segment_is_manual THEN segment_reason END,
                   segment_until_date = CASE WHEN target.segment_is_manual THEN segment_until_date END,
                   primary_type_id = target.type_id,
                   (%(names)s) = ROW(%(figures)s),
                   write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
              FROM crm_relationship_target target
              JOIN crm_relationship_measure measure ON measure.partner_id = target.partner_id
              JOIN crm_relationship_score score ON score.partner_id = target.partner_id
             WHERE relation.id = target.relationship_id
               AND ((relation.revenue_12m_amount, relation.order_count_12m, relation.first_order_date,
                    relation.last_order_date, relation.tenure_days, relation.segment_id,
                    COALESCE(relation.segment_is_manual, FALSE), relation.primary_type_id)
                   IS DISTINCT FROM
                   (target.revenue, target.order_count, target.first_order_date,
                    target.last_order_date, target.tenure_days, target.segment_id,
                    target.segment_is_manual, target.type_id)
                    OR (%(stored)s) IS DISTINCT FROM (%(figures)s)
                    OR NOT target.segment_is_manual
                       AND COALESCE(relation.segment_reason, relation.segment_until_date::text) IS NOT NULL)
            RETURNING relation.id,
                      (target.old_segment_id, target.old_type_id)
                      IS DISTINCT FROM (target.segment_id, target.type_id)
            """,
            uid=values.uid,
            names=_list(figures.names()),
            stored=SQL(", ").join(
                SQL.identifier("relation", name) for name in figures.names()
            ),
            figures=SQL(", ").join(figures.columns("measure", "score")),
        )
    )
    return len(rows), [
        row_id for row_id, is_policy_changed in rows if is_policy_changed
    ]


def insert_relationships(env, pairs, values):
    """Insert relationships for (company id, commercial partner id) pairs; those that exist stay as they are.

    :param values: dict with ``segment_id``, ``stage_id`` and ``type_ids`` (company id -> type id or None).
    """
    if not pairs:
        return
    rows = SQL(", ").join(
        SQL(
            "(%s, %s, %s::int)",
            company_id,
            partner_id,
            values["type_ids"].get(company_id),
        )
        for company_id, partner_id in sorted(pairs)
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship
                   (company_id, partner_id, active, primary_type_id, segment_id, stage_id, segment_is_manual,
                    revenue_12m_amount, order_count_12m,
                    create_uid, write_uid, create_date, write_date)
            SELECT wanted.company_id, wanted.partner_id, partner.active, wanted.type_id, %(segment)s, %(stage)s,
                   FALSE, 0, 0,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM (VALUES %(rows)s) wanted (company_id, partner_id, type_id)
              JOIN res_partner partner ON partner.id = wanted.partner_id
            ON CONFLICT (partner_id, company_id) DO NOTHING
            """,
            rows=rows,
            segment=values["segment_id"],
            stage=values["stage_id"],
            uid=env.uid,
        )
    )
