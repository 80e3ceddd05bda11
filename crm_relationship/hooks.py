"""What happens when the addon is installed in a database that already has a history, and when it goes."""

from odoo.tools import SQL

FOREIGN_INDEXES = (
    "helpdesk_ticket__partner_id_index",
    "helpdesk_ticket__commercial_partner_id_index",
    "mail_activity_relationship_done_idx",
    "rating_rating_relationship_partner_idx",
    "res_users_relationship_colleague_idx",
    "res_partner_relationship_vat_idx",
    "res_partner_relationship_name_idx",
    "res_partner_relationship_email_idx",
    "res_partner_relationship_phone_idx",
    "res_partner_relationship_trigram_idx",
)
# What people wrote about their customers, in the order in which it can be deleted; definitions go with their names.
RECORD_TABLES = (
    "crm_relationship_plan_stakeholder",
    "crm_relationship_plan",
    "crm_relationship_cost_rate",
    "crm_relationship_snapshot",
    "crm_relationship_entitlement",
    "crm_relationship_assignment",
    "crm_relationship",
    "crm_relationship_policy",
)
# Demo records that documents of other addons refer to. They stay as the company's own.
KEPT_MODELS = (
    "helpdesk.ticket.team",
    "mail.activity.type",
    "mail.alias",
    "product.product",
    "product.template",
    "res.partner",
    "resource.calendar",
)


def post_init_hook(env):
    """Every company has a default type, a floor, and relationships for the customers it already has."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._set_default_type()
    for company in companies:
        env["crm.relationship"]._refresh(company)
    companies._create_missing_floors()


def uninstall_hook(env):
    """Take away what Odoo leaves behind, or can only delete with errors in the log: our records, our indexes on its
    tables, our names for what stays, and its own names for parts of our models."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies.relationship_default_type_id = False
    env.flush_all()
    env.cr.execute(
        "UPDATE helpdesk_ticket SET policy_id = NULL, relationship_id = NULL"
    )
    for table in RECORD_TABLES:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all(flush=False)
    indexes = SQL(", ").join(map(SQL.identifier, FOREIGN_INDEXES))
    env.cr.execute(SQL("DROP INDEX IF EXISTS %s", indexes))
    names = env["ir.model.data"]
    own = names.search(
        [("module", "=", "crm_relationship"), ("model", "in", KEPT_MODELS)]
    )
    types = own.filtered(lambda name: name.model == "mail.activity.type")
    activities = env["mail.activity"].with_context(active_test=False)
    used = activities.search([("activity_type_id", "in", types.mapped("res_id"))])
    unused = types.filtered(lambda name: name.res_id not in used.activity_type_id.ids)
    (own - unused).unlink()
    for prefix in ("model_inherit", "selection"):
        names.search(
            [
                ("name", "=like", f"{prefix}\\_\\_crm\\_relationship%"),
                ("module", "not like", "crm_relationship"),
            ]
        ).unlink()
