"""The stored figures of relationships as they are, so that an absent one can be told from 0."""

from odoo.tools import SQL


def figures(env, relationship_ids, names):
    """Stored columns of relationships, None where there is no value.

    Grain: relationship. Found by the primary key. Rights are checked by who calls.

    :param names: names of stored fields of crm.relationship, at least one.
    :return: dict of relationship id -> dict of name -> value.
    """
    model = env["crm.relationship"]
    model.flush_model(names)
    rows = env.execute_query(
        SQL(
            "SELECT id, %s FROM crm_relationship WHERE id = ANY(%s)",
            SQL(", ").join(
                SQL(
                    "%s::float8" if model._fields[name].type == "monetary" else "%s",
                    SQL.identifier(name),
                )
                for name in names
            ),
            list(relationship_ids),
        )
    )
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
