from . import audit, portal, review, ticket
