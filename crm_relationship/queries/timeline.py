"""The history of one customer over the three contracts, page by page.

Each SELECT of a kind gives the columns of :data:`TIMELINE_COLUMNS` for one customer and company; the filter by customer
goes down to the indexes of the documents. ``detail`` is the channel, the kind of transaction or the metric; ``value``
the minutes, the revenue or the score. Money lines are summed by document. Grain: one row per entry of the timeline.
"""

from odoo.tools import SQL

TIMELINE_COLUMNS = (
    "date",
    "kind",
    "document_model",
    "document_id",
    "detail",
    "direction",
    "contact_id",
    "user_id",
    "value",
)
ORDER = SQL("date DESC, kind, document_model, document_id")


def interactions(facts, partner_id, company_id):
    return SQL(
        """
        SELECT date, 'interaction'::varchar AS kind, document_model, document_id, channel AS detail,
               direction, contact_id, user_id, minutes AS value
          FROM (%s) fact WHERE partner_id = %s AND company_id = %s
        """,
        facts,
        partner_id,
        company_id,
    )


def transactions(facts, partner_id, company_id):
    return SQL(
        """
        SELECT MAX(date) AS date, 'transaction'::varchar AS kind, document_model, document_id,
               kind AS detail, NULL::varchar AS direction, MIN(contact_id) AS contact_id,
               NULL::int AS user_id, SUM(revenue) AS value
          FROM (%s) fact WHERE partner_id = %s AND company_id = %s
         GROUP BY document_model, document_id, kind
        """,
        facts,
        partner_id,
        company_id,
    )


def feedback(facts, partner_id, company_id):
    return SQL(
        """
        SELECT date, 'feedback'::varchar AS kind, document_model, document_id, metric AS detail,
               'in'::varchar AS direction, contact_id, NULL::int AS user_id, score AS value
          FROM (%s) fact WHERE partner_id = %s AND company_id = %s
        """,
        facts,
        partner_id,
        company_id,
    )


def fetch_page(env, selects, limit, before=None):
    """The newest entries after a place in the timeline, as dicts of :data:`TIMELINE_COLUMNS`. One statement.

    Entries that nothing tells apart from the last one come with it, so that no page loses any: a page may be a little
    longer than the limit.

    :param before: (date, kind, document_model, document_id) of the last entry seen, None for the first page.
    """
    pages = SQL(" UNION ALL ").join(
        SQL("(%s)", _newest(select, limit, before)) for select in selects
    )
    rows = env.execute_query(_newest(pages, limit, None))
    return [dict(zip(TIMELINE_COLUMNS, row, strict=True)) for row in rows]


def _newest(select, limit, before):
    condition = SQL("TRUE")
    if before:
        date, *rest = before
        condition = SQL(
            "date <= %s AND (date < %s OR (kind, document_model, document_id) > (%s, %s, %s))",
            date,
            date,
            *rest,
        )
    return SQL(
        "SELECT * FROM (%s) entry WHERE %s ORDER BY %s FETCH FIRST %s ROWS WITH TIES",
        select,
        condition,
        ORDER,
        limit,
    )
