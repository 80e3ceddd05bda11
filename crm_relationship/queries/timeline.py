"""The history of one customer over the three contracts, page by page.

Each SELECT of a kind gives the columns of :data:`TIMELINE_COLUMNS` for one customer and company; the filter by customer
goes down to the indexes of the documents. ``detail`` is the channel, the kind of transaction or the metric; ``value``
the minutes, the revenue or the score. Money lines are summed by document. Grain: one row per entry of the timeline.
"""

from datetime import datetime

from odoo.tools import SQL

from .feedback import FEEDBACK_COLUMNS
from .interactions import INTERACTION_COLUMNS
from .sources import TRANSACTION_COLUMNS

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
# Entries of the same moment: in the order of Python, so that pages can be put together there.
PLACE = SQL('kind COLLATE "C", document_model COLLATE "C", document_id')


def _names(columns):
    """The columns of a contract: a source is bound to their order, not to their names."""
    return SQL(", ").join(map(SQL.identifier, columns))


def interactions(facts, partner_id, company_id):
    return SQL(
        """
        SELECT date::timestamp AS date, 'interaction'::varchar AS kind, document_model, document_id, channel AS detail,
               direction, contact_id, user_id, minutes AS value
          FROM (%s) fact (%s) WHERE partner_id = %s AND company_id = %s
        """,
        facts,
        _names(INTERACTION_COLUMNS),
        partner_id,
        company_id,
    )


def transactions(facts, partner_id, company_id):
    """An invoice that deducts a down payment is one sale of what remains."""
    return SQL(
        """
        SELECT MAX(date)::timestamp AS date, 'transaction'::varchar AS kind, document_model, document_id,
               COALESCE(MIN(kind) FILTER (WHERE kind <> 'down_payment'), MIN(kind)) AS detail,
               NULL::varchar AS direction, MIN(contact_id) AS contact_id,
               NULL::int AS user_id, SUM(revenue) AS value
          FROM (%s) fact (%s) WHERE partner_id = %s AND company_id = %s
         GROUP BY document_model, document_id
        """,
        facts,
        _names(TRANSACTION_COLUMNS),
        partner_id,
        company_id,
    )


def feedback(facts, partner_id, company_id):
    return SQL(
        """
        SELECT date::timestamp AS date, 'feedback'::varchar AS kind, document_model, document_id, metric AS detail,
               'in'::varchar AS direction, contact_id, NULL::int AS user_id, score AS value
          FROM (%s) fact (%s) WHERE partner_id = %s AND company_id = %s
        """,
        facts,
        _names(FEEDBACK_COLUMNS),
        partner_id,
        company_id,
    )


def fetch_page(env, selects, limit, before=None):
    """The newest entries after a place in the timeline, as dicts of :data:`TIMELINE_COLUMNS`.

    One statement per SELECT, each asked only for what is as new as the full page that those before it make: put the
    one that has most to read last. Entries that nothing tells apart from the last one come with it, so that no page
    loses any: a page may be a little longer than the limit.

    :param before: (date, kind, document_model, document_id) of the last entry seen, None for the first page.
    """
    page = []
    for select in selects:
        since = page[limit - 1]["date"] if len(page) >= limit else None
        rows = env.execute_query(_newest(select, limit, before, since))
        page += [dict(zip(TIMELINE_COLUMNS, row, strict=True)) for row in rows]
        page = _cut(page, limit)
    return page


def _newest(select, limit, before, since):
    conditions = [SQL("TRUE")]
    if before:
        date, *rest = before
        conditions.append(SQL("date <= %s", date))
        conditions.append(SQL("(date < %s OR (%s) > (%s, %s, %s))", date, PLACE, *rest))
    if since:
        conditions.append(SQL("date >= %s", since))
    return SQL(
        "SELECT * FROM (%s) entry WHERE %s ORDER BY date DESC, %s FETCH FIRST %s ROWS WITH TIES",
        select,
        SQL(" AND ").join(conditions),
        PLACE,
        limit,
    )


def _cut(entries, limit):
    """The newest entries, in the order of :func:`_newest`, with those that nothing tells apart from the last one."""
    entries = sorted(entries, key=_rank)
    if len(entries) <= limit:
        return entries
    last = _rank(entries[limit - 1])
    return [entry for entry in entries if _rank(entry) <= last]


def _rank(entry):
    return (
        datetime.max - entry["date"],
        entry["kind"],
        entry["document_model"],
        entry["document_id"],
    )
