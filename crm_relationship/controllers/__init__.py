from . import fcr, portal, review, ticket
