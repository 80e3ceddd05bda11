from . import audit, fcr, portal, review, ticket, ticket_page
