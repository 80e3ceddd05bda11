from . import crm_relationship_transaction, crm_relationship_cohort
