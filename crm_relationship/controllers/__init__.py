from . import portal, review, ticket
