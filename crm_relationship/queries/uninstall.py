"""What the addon takes away by itself when it goes."""

from odoo.tools import SQL

# What people wrote about their customers, in the order in which it can be deleted; definitions go with their names.
RECORD_TABLES = (
    "crm_relationship_audit_service",
    "crm_relationship_audit_breach",
    "crm_relationship_audit_line",
    "crm_relationship_audit",
    "crm_relationship_service_use",
    "crm_relationship_ticket_event",
    "crm_relationship_problem",
    "crm_relationship_plan_stakeholder",
    "crm_relationship_plan",
    "crm_relationship_cost_rate",
    "crm_relationship_snapshot",
    "crm_relationship_policy_kind",
    "crm_relationship_entitlement",
    "crm_relationship_assignment",
    "crm_relationship",
    "crm_relationship_policy",
)
FOREIGN_INDEXES = (
    "helpdesk_ticket_relationship_opened_idx",
    "helpdesk_ticket__partner_id_index",
    "helpdesk_ticket__commercial_partner_id_index",
    "helpdesk_ticket_queue_idx",
    "mail_activity_relationship_done_idx",
    "rating_rating_relationship_partner_idx",
    "res_users_relationship_colleague_idx",
    "res_partner_relationship_vat_idx",
    "res_partner_relationship_name_idx",
    "res_partner_relationship_email_idx",
    "res_partner_relationship_phone_idx",
    "res_partner_relationship_trigram_idx",
)


def delete_records(env):
    """Delete what refers to our definitions, and let go of it on tickets: Odoo would try to delete the definitions
    one by one, with an error in the log for each."""
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket SET policy_id = NULL, relationship_id = NULL, kind_id = NULL, fcr_cause_id = NULL
             WHERE policy_id IS NOT NULL OR relationship_id IS NOT NULL OR kind_id IS NOT NULL
                OR fcr_cause_id IS NOT NULL
            """
        )
    )
    for table in RECORD_TABLES:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all(flush=False)


def drop_indexes(env):
    """Drop our indexes on the tables of other addons, which Odoo leaves behind."""
    indexes = SQL(", ").join(map(SQL.identifier, FOREIGN_INDEXES))
    env.cr.execute(SQL("DROP INDEX IF EXISTS %s", indexes))
