from . import test_policy
from . import test_relationship_follows
from . import test_ticket_promise
from . import test_types
