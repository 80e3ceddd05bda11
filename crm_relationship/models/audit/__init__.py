"""Whether small customers got what was promised, sealed."""

from . import (
    crm_relationship_audit_row,  # before those that inherit it
    crm_relationship_audit,
    crm_relationship_audit_breach,
    crm_relationship_audit_few,
    crm_relationship_audit_file,
    crm_relationship_audit_job,
    crm_relationship_audit_line,
    crm_relationship_audit_run,
    crm_relationship_audit_seal,
    crm_relationship_audit_service,
    crm_relationship_audit_words,
)
