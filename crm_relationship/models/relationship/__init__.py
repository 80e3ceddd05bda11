"""What a customer is to us: the hub, its types, stages and segments, and what moves and merges."""

from . import (
    crm_relationship,
    crm_relationship_actions,
    crm_relationship_assignment,
    crm_relationship_channel,
    crm_relationship_checks,
    crm_relationship_completeness,
    crm_relationship_duplicate,
    crm_relationship_merge,
    crm_relationship_portal,
    crm_relationship_promise,
    crm_relationship_rows,
    crm_relationship_segment,
    crm_relationship_stage,
    crm_relationship_timeline,
    crm_relationship_type,
)
