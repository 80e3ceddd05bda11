"""What each customer brings, for the whale curve."""

from odoo.tools import SQL


def contributions(relationships, query, group_path=None):
    """Contribution and group of the relationships of a query, unordered.

    Columns: contribution (float, None where there is no figure yet), group id (0 for none, or without a group path).
    Grain: relationship. One sequential read of the company's relationships, found by ``crm_relationship(company_id)``.

    :param relationships: the model crm.relationship as its user sees it; fields that he may not read raise.
    :param query: what ``_search`` gave.
    :param group_path: a many2one field of the relationship, or of the customer as ``partner_id.<field>``.
    """
    amount = relationships._field_to_sql(query.table, "contribution_12m_amount", query)
    group = SQL("0")
    if group_path:
        model, alias, name = relationships, query.table, group_path
        if group_path.startswith("partner_id."):
            model, name = relationships.env["res.partner"], group_path.split(".")[1]
            alias = query.left_join(
                query.table, "partner_id", "res_partner", "id", "partner_id"
            )
        group = SQL("COALESCE(%s, 0)", model._field_to_sql(alias, name, query))
    return relationships.env.execute_query(
        query.select(SQL("%s::float8", amount), group)
    )
