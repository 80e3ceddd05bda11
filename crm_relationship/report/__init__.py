from . import crm_relationship_transaction
