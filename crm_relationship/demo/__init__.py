from . import crm_relationship_demo
