"""What happens when the addon is installed in a database that already has a history, and when it goes."""

from .queries import ticket_history, uninstall

# What these activities ask for is gone with the addon.
OWN_ACTIVITIES = ("mail_activity_type_promise", "mail_activity_type_plan_review")
# Demo records of models that documents of other addons refer to. They stay as the company's own, without our names.
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
    """Every company has a default type, a floor, amounts in its currency to reckon with, and relationships for the
    customers it already has; who writes to us is told that it is here."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._set_default_type()
    companies._set_start_amounts()
    for company in companies:
        env["crm.relationship"]._refresh(company)
    companies._create_missing_floors()
    env["helpdesk.ticket.stage"]._set_default_mails()
    env["helpdesk.ticket"]._rebuild(ticket_history.find_unknown(env))


def uninstall_hook(env):
    """Take away what Odoo leaves behind, or can only delete with errors in the log: our records, our indexes on its
    tables, our names for what stays, and its own names for parts of our models."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies.relationship_default_type_id = False
    env["helpdesk.ticket.stage"]._reset_default_mails()
    uninstall.delete_records(env)
    uninstall.drop_indexes(env)
    names = env["ir.model.data"]
    own = names.search(
        [("module", "=", "crm_relationship"), ("model", "in", KEPT_MODELS)]
    )
    types = own.filtered(lambda name: name.model == "mail.activity.type")
    activities = env["mail.activity"].with_context(active_test=False)
    gone = types.filtered(lambda name: name.name in OWN_ACTIVITIES)
    activities.search([("activity_type_id", "in", gone.mapped("res_id"))]).unlink()
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
