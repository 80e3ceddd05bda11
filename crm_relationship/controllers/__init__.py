from . import portal, review, ticket, ticket_page
