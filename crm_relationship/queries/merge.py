"""Set-based statements of merging relationships."""

from odoo.tools import SQL


def drop_assignments(env, relationship_ids):
    """Remove the types left on relationships that were merged: the target has the same ones in that time.

    In SQL because the history of a relationship that stays is never deleted by the model.
    """
    env["crm.relationship.assignment"].flush_model()
    env.cr.execute(
        SQL(
            "DELETE FROM crm_relationship_assignment WHERE relationship_id = ANY(%s)",
            list(relationship_ids),
        )
    )
    env["crm.relationship.assignment"].invalidate_model()
