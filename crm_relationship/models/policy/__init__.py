"""What is promised: policies, the floor, services and who is entitled to them."""

from . import (
    crm_relationship_entitlement,
    crm_relationship_policy,
    crm_relationship_policy_escalation,
    crm_relationship_policy_fairness,
    crm_relationship_policy_kind,
    crm_relationship_policy_promise,
    crm_relationship_service,
    crm_relationship_service_use,
)
