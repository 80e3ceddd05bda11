"""The stored figures of records as they are, so that an absent one can be told from 0."""

from odoo.tools import SQL


def figures(records, names):
    """Stored columns of relationships or of their months, None where there is no value.

    Grain: record. Found by the primary key. Rights are checked by who calls.

    :param names: names of stored fields of the records, at least one.
    :return: dict of record id -> dict of name -> value.
    """
    records.flush_model(names)
    rows = records.env.execute_query(
        SQL(
            "SELECT id, %s FROM %s WHERE id = ANY(%s)",
            SQL(", ").join(
                SQL(
                    "%s::float8" if records._fields[name].type == "monetary" else "%s",
                    SQL.identifier(name),
                )
                for name in names
            ),
            SQL.identifier(records._table),
            list(records.ids),
        )
    )
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
