"""Customers that may be the same one: same tax ID, mail, phone or name, or a name that is nearly the same.

Compared are commercial partners that are in use and share a company, or belong to none.
"""

from odoo.tools import SQL

# From this similarity of three-letter pieces on, two names are nearly the same. PostgreSQL's own limit of 0.3 would
# make the index give thousands.
NAME_SIMILARITY = 0.6
# Per customer and reason: a number that twenty files share is a switchboard, and more would help nobody.
LIMIT = 20

# What PostgreSQL must see literally for its indexes.
NAME_KEY = "regexp_replace(lower(name), '[^[:alnum:]]+', '', 'g')"
VAT_KEY = "regexp_replace(upper(vat), '[^A-Z0-9]+', '', 'g')"
PHONE_KEY = "regexp_replace(COALESCE(phone_sanitized, phone), '[^0-9]+', '', 'g')"
IN_USE = "active AND commercial_partner_id = id"
# Names with a number are branches or running numbers: what differs in it is not the same, and all look similar.
WITHOUT_NUMBER = IN_USE + " AND name !~ '[0-9]'"

KEYS = {
    "vat": SQL(VAT_KEY),
    "email": SQL("email_normalized"),
    "phone": SQL(PHONE_KEY),
    "name": SQL(NAME_KEY),
}
# Keys that say nothing: "/" stands for "no tax ID".
LENGTHS = {"vat": 5, "email": 5, "phone": 5, "name": 3}


def _keyed(code, condition):
    """Partners in use with a key that says something. Columns: id, company_id, key."""
    return SQL(
        "SELECT id, company_id, %(key)s AS key FROM res_partner"
        " WHERE %(in_use)s AND length(%(key)s) >= %(length)s AND %(condition)s",
        key=KEYS[code],
        in_use=SQL(IN_USE),
        length=LENGTHS[code],
        condition=condition,
    )


def find_duplicates(env, partner_ids):
    """Rows (partner_id, duplicate_id, codes of the reasons) of some customers, the most reasons first.

    One statement, and one that sets the limit of similarity.

    Index: those of :data:`KEYS` on ``res_partner``, and a trigram index on the name where PostgreSQL has it.
    """
    reasons = [_same(code, partner_ids) for code in KEYS]
    if env.registry.has_trigram:
        env.cr.execute(
            SQL(
                "SELECT set_config('pg_trgm.similarity_threshold', %s, TRUE)",
                str(NAME_SIMILARITY),
            )
        )
        reasons.append(_near_name(partner_ids))
    return env.execute_query(
        SQL(
            """
            SELECT partner_id, duplicate_id, array_agg(DISTINCT code ORDER BY code)
              FROM (%s) found
             GROUP BY partner_id, duplicate_id
             ORDER BY partner_id, COUNT(DISTINCT code) DESC, duplicate_id
            """,
            SQL(" UNION ALL ").join(reasons),
        )
    )


def _same(code, partner_ids):
    return SQL(
        """
        SELECT own.id AS partner_id, other.id AS duplicate_id, %(code)s::varchar AS code
          FROM (%(own)s) own
         CROSS JOIN LATERAL (
               SELECT id FROM (%(others)s) candidate
                WHERE candidate.key = own.key AND candidate.id <> own.id
                  AND COALESCE(candidate.company_id = own.company_id, TRUE)
                LIMIT %(limit)s) other
        """,
        code=code,
        own=_keyed(code, SQL("id = ANY(%s)", list(partner_ids))),
        others=_keyed(code, SQL("TRUE")),
        limit=LIMIT,
    )


def _near_name(partner_ids):
    """Names without a number that PostgreSQL finds similar."""
    return SQL(
        """
        SELECT own.id AS partner_id, other.id AS duplicate_id, 'near_name'::varchar AS code
          FROM (SELECT id, company_id, name FROM res_partner
                 WHERE %(comparable)s AND id = ANY(%(partner_ids)s)) own
         CROSS JOIN LATERAL (
               SELECT id FROM (SELECT id, company_id, name FROM res_partner WHERE %(comparable)s) candidate
                WHERE lower(candidate.name) %% lower(own.name)
                  AND candidate.id <> own.id
                  AND COALESCE(candidate.company_id = own.company_id, TRUE)
                LIMIT %(limit)s) other
        """,
        comparable=SQL(WITHOUT_NUMBER),
        partner_ids=list(partner_ids),
        limit=LIMIT,
    )


def duplicated_partners():
    """SELECT of the ids of all customers that share a tax ID, mail, phone or name with another one, set-based. Names
    that are only similar are left to :func:`find_duplicates`: comparing all with all would take hours."""
    return SQL(" UNION ").join(
        SQL(
            """
            SELECT unnest(array_agg(id)) AS id FROM (%s) keyed
             GROUP BY key
            HAVING COUNT(*) > 1 AND (bool_or(company_id IS NULL) OR COUNT(DISTINCT company_id) < COUNT(*))
            """,
            _keyed(code, SQL("TRUE")),
        )
        for code in KEYS
    )
