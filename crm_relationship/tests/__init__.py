from . import test_analytics
from . import test_imports
from . import test_policy
from . import test_refresh
from . import test_relationship_follows
from . import test_ticket_promise
from . import test_types
