from . import (
    base_partner_merge,
    crm_relationship_compass_wizard,
    crm_relationship_floor_wizard,
    crm_relationship_handover_wizard,
    crm_relationship_problem_wizard,
    crm_relationship_refusal_wizard,
    crm_relationship_review,
    crm_relationship_service_use_wizard,
    crm_relationship_type_wizard,
)
