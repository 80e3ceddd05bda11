from . import audit, fcr, portal, review, ticket
