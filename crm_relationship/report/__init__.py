from . import crm_relationship_fact  # before those that inherit it
from . import (
    crm_relationship_cohort,
    crm_relationship_compass,
    crm_relationship_cost,
    crm_relationship_fcr_report,
    crm_relationship_feedback,
    crm_relationship_interaction,
    crm_relationship_plan_comparison,
    crm_relationship_rhythm,
    crm_relationship_transaction,
)
