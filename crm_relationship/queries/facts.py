"""The facts of one company read once, into temporary tables, for all that is computed of them."""

from typing import NamedTuple

from odoo.tools import SQL


class Facts(NamedTuple):
    """Where to read facts: SELECTs with the columns of the transaction contract and its marks, and of the interaction
    contract."""

    transactions: SQL
    interactions: SQL


def read_once(env, facts, values, interactions_since, partner_ids=None):
    """Read the company's transactions, and its interactions since a day, into temporary tables.

    They live until :func:`forget`, so that the steps of a refresh can share them over a commit.

    :param facts: :class:`Facts` of the contracts.
    :param values: :class:`refresh.RefreshValues`.
    :param partner_ids: commercial partners to read; None for all.
    :return: :class:`Facts` of the temporary tables.
    """
    forget(env)
    only = (
        SQL("AND partner_id = ANY(%s)", list(partner_ids))
        if partner_ids is not None
        else SQL()
    )
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE crm_relationship_transaction_fact AS
            SELECT * FROM (%(transactions)s) fact
             WHERE company_id = %(company_id)s AND partner_id IS NOT NULL %(only)s;
            CREATE TEMPORARY TABLE crm_relationship_interaction_fact AS
            SELECT * FROM (%(interactions)s) fact
             WHERE company_id = %(company_id)s AND partner_id IS NOT NULL AND date >= %(since)s %(only)s;
            ANALYZE crm_relationship_transaction_fact, crm_relationship_interaction_fact
            """,
            **facts._asdict(),
            company_id=values.company_id,
            since=interactions_since,
            only=only,
        )
    )
    return Facts(
        SQL("SELECT * FROM crm_relationship_transaction_fact"),
        SQL("SELECT * FROM crm_relationship_interaction_fact"),
    )


def forget(env):
    """Drop the temporary tables of the facts."""
    env.cr.execute(
        SQL(
            "DROP TABLE IF EXISTS"
            " pg_temp.crm_relationship_transaction_fact, pg_temp.crm_relationship_interaction_fact"
        )
    )
