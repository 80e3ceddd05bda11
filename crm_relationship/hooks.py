"""What happens when the addon is installed in a database that already has a history, and when it goes."""

from odoo.tools import SQL

TICKET_INDEXES = (
    "helpdesk_ticket__partner_id_index",
    "helpdesk_ticket__commercial_partner_id_index",
)


def post_init_hook(env):
    """Every company has a default type, a floor, and relationships for the customers it already has."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._set_default_type()
    for company in companies:
        env["crm.relationship"]._refresh(company)
    companies._create_missing_floors()


def uninstall_hook(env):
    """Take away what Odoo leaves behind: our indexes on its tables, and its own names for parts of our models."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies.relationship_default_type_id = False
    env.cr.execute(
        SQL("DROP INDEX IF EXISTS %s, %s", *map(SQL.identifier, TICKET_INDEXES))
    )
    for prefix in ("model_inherit", "selection"):
        env["ir.model.data"].search(
            [
                ("name", "=like", f"{prefix}\\_\\_crm\\_relationship%"),
                ("module", "not like", "crm_relationship"),
            ]
        ).unlink()
