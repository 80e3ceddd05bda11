"""How complete the files of customers are.

Each item is a condition on a commercial partner, with whether it is asked of companies only. An item without weight is
not asked.
"""

from odoo.tools import SQL

ITEMS = {
    "phone": (SQL("partner.phone <> ''"), False),
    "email": (SQL("partner.email <> ''"), False),
    "address": (
        SQL(
            "partner.street <> '' AND partner.city <> '' AND partner.country_id IS NOT NULL"
        ),
        False,
    ),
    "salesperson": (SQL("partner.user_id IS NOT NULL"), False),
    "vat": (SQL("partner.vat <> ''"), True),
    "industry": (SQL("partner.industry_id IS NOT NULL"), True),
    "website": (SQL("partner.website <> ''"), True),
    "contact": (
        SQL(
            "partner.id IN (SELECT person.parent_id FROM res_partner person"
            " WHERE person.active AND person.type = 'contact' AND person.is_company IS NOT TRUE"
            " AND person.name <> '' AND (person.email <> '' OR person.phone <> ''))"
        ),
        True,
    ),
}


def completeness_ratio(env, company_id, today, window_start, partner_ids=None):
    """Share of the asked items that the file has, by weight. Columns: partner_id, completeness_ratio (0–1, NULL where
    nothing is asked). Grain: commercial partner of the company or of all companies.

    Items of companies only are not asked of persons. Today and the window have no part in it. Index:
    ``res_partner(parent_id)``.
    """
    asked, filled = _sums(_get_weights(env, company_id))
    return SQL(
        """
        SELECT partner.id AS partner_id,
               (%(filled)s)::float8 / NULLIF((%(asked)s), 0) AS completeness_ratio
          FROM res_partner partner
         WHERE partner.commercial_partner_id = partner.id
           AND (partner.company_id IS NULL OR partner.company_id = %(company_id)s)
           AND %(in_scope)s
        """,
        filled=filled,
        asked=asked,
        company_id=company_id,
        in_scope=_in_scope(partner_ids),
    )


def missing_items(env, company_id, partner_ids):
    """Codes of the asked items that each file lacks, the weightiest first: dict partner_id -> list of codes."""
    weights = _get_weights(env, company_id)
    codes = sorted(weights, key=lambda code: (-weights[code], list(ITEMS).index(code)))
    columns = [
        SQL(
            "CASE WHEN %s AND (%s) IS NOT TRUE THEN %s END",
            _asked(code),
            condition,
            code,
        )
        for code in codes
        for condition in ITEMS[code][:1]
    ]
    if not columns:
        return dict.fromkeys(partner_ids, [])
    rows = env.execute_query(
        SQL(
            "SELECT partner.id, array_remove(ARRAY[%s]::varchar[], NULL) FROM res_partner partner WHERE %s",
            SQL(", ").join(columns),
            _in_scope(partner_ids),
        )
    )
    return dict(rows)


def _get_weights(env, company_id):
    return env["crm.relationship.completeness.item"]._get_weights(company_id)


def _in_scope(partner_ids):
    if partner_ids is None:
        return SQL("TRUE")
    return SQL("partner.id = ANY(%s)", list(partner_ids))


def _asked(code):
    """Condition: the item is asked of this partner."""
    return SQL("partner.is_company") if ITEMS[code][1] else SQL("TRUE")


def _sums(weights):
    """(weight asked of a partner, weight of what is there) as SQL."""
    asked, filled = [SQL("0")], [SQL("0")]
    for code, weight in weights.items():
        condition = ITEMS[code][0]
        asked.append(SQL("CASE WHEN %s THEN %s ELSE 0 END", _asked(code), weight))
        filled.append(
            SQL(
                "CASE WHEN %s AND (%s) THEN %s ELSE 0 END",
                _asked(code),
                condition,
                weight,
            )
        )
    return SQL(" + ").join(asked), SQL("(%s)", SQL(" + ").join(filled))
