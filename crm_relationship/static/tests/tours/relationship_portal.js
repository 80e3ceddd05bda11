import {registry} from "@web/core/registry";

// A customer goes from home to his contact person and to what is promised for his ticket.
registry.category("web_tour.tours").add("relationship_portal", {
    url: "/my",
    steps: () => [
        {
            content: "The card leads to the relationship",
            trigger: "a[href='/my/relationship']:contains('Your relationship with us')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The contact person can be reached",
            trigger: "#relationship_people a[href='mailto:marta@works.example']",
        },
        {
            content: "The promise is said",
            trigger: "#relationship_promise:contains('within 2 working hours')",
        },
        {
            content: "The open ticket leads to its page",
            trigger: "#relationship_tickets a:contains('The pump is loud')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Its deadlines are there",
            trigger: "#ticket_promises:contains('Answer by')",
        },
        {
            content: "The customer closes it",
            trigger: "form[action='/ticket/close'] button:contains('Done')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is closed, and cannot be closed twice",
            trigger:
                "body:not(:has(form[action='/ticket/close'])) .badge:contains('Done')",
        },
    ],
});
