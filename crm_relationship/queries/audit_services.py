"""Set-based statements of the fairness audit over the services that customers used and were refused, and how often
they were asked for their opinion."""

from odoo.tools import SQL

from .audit import SEGMENT, TYPE, customer


def uses(period):
    """The uses and refusals of services in the period. Columns: relationship_id, service_id, state, segment_id,
    type_id. Grain: use. Index: ``crm_relationship_service_use(company_id, date)``."""
    return SQL(
        """
        SELECT use.relationship_id, use.service_id, use.state, %(segment)s AS segment_id, %(type)s AS type_id
          FROM crm_relationship_service_use use
          %(customer)s
         WHERE use.company_id = %(company_id)s AND use.date BETWEEN %(date_from)s AND %(date_to)s
        """,
        segment=SEGMENT,
        type=TYPE,
        customer=customer(period, SQL("use.relationship_id"), SQL("use.date")),
        company_id=period.company_id,
        date_from=period.date_from,
        date_to=period.date_to,
    )


def fetch_uses(env, period):
    """How often services were used and refused, for the lines of an audit.

    Grain: ``scope`` (all, segment, type), segment_id, type_id, which are empty for customers who have none.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(segment_id, type_id) WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   segment_id, type_id,
                   COUNT(*) FILTER (WHERE state = 'used') AS entitlement_used_count,
                   COUNT(*) FILTER (WHERE state = 'refused') AS entitlement_refused_count
              FROM (%s) use
             GROUP BY GROUPING SETS ((), (segment_id), (type_id))
            """,
            uses(period),
        )
    )


def fetch_invitations(env, period, invitations):
    """How often customers were asked for their opinion in the period, and answered, for the lines of an audit.

    Grain: as :func:`fetch_uses`.

    :param invitations: the SELECT of the invitation contract.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(segment_id, type_id) WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   segment_id, type_id, COUNT(*) AS invitation_count,
                   COUNT(*) FILTER (WHERE is_answered) AS invitation_answered_count
              FROM (SELECT invitation.is_answered, %(segment)s AS segment_id, %(type)s AS type_id
                      FROM (%(invitations)s) invitation
                      LEFT JOIN crm_relationship own
                             ON own.partner_id = invitation.partner_id AND own.company_id = %(company_id)s
                      %(customer)s
                     WHERE invitation.company_id = %(company_id)s
                       AND invitation.date >= %(start)s AND invitation.date < %(end)s) asked
             GROUP BY GROUPING SETS ((), (segment_id), (type_id))
            """,
            segment=SEGMENT,
            type=TYPE,
            invitations=invitations,
            customer=customer(period, SQL("own.id"), SQL("invitation.date::date")),
            company_id=period.company_id,
            start=period.start,
            end=period.end,
        )
    )


def fetch_key_only(env, period, key_id):
    """Services that key accounts used and nobody else. Grain: service_id.

    ``type_ids``: the types of those who used it, None for those without one. ``refused_count``: how often it was
    refused to others meanwhile.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT service_id, COUNT(*) FILTER (WHERE state = 'used') AS used_count,
                   COUNT(DISTINCT relationship_id) FILTER (WHERE state = 'used') AS customer_count,
                   ARRAY_AGG(DISTINCT type_id) FILTER (WHERE state = 'used') AS type_ids,
                   COUNT(*) FILTER (WHERE state = 'refused' AND segment_id IS DISTINCT FROM %(key_id)s)
                       AS refused_count
              FROM (%(uses)s) use
             GROUP BY service_id
            HAVING BOOL_AND(segment_id IS NOT DISTINCT FROM %(key_id)s) FILTER (WHERE state = 'used')
             ORDER BY service_id
            """,
            key_id=key_id,
            uses=uses(period),
        )
    )
