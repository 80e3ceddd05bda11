import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** “1 d 4 h”, “4 h 05 min”, “05:59” in the last hour. */
export function formatDuration(seconds) {
    const pad = (value) => String(value).padStart(2, "0");
    if (seconds >= DAY) {
        return _t("%(days)s d %(hours)s h", {
            days: Math.floor(seconds / DAY),
            hours: Math.floor((seconds % DAY) / HOUR),
        });
    }
    if (seconds >= HOUR) {
        return _t("%(hours)s h %(minutes)s min", {
            hours: Math.floor(seconds / HOUR),
            minutes: pad(Math.floor((seconds % HOUR) / MINUTE)),
        });
    }
    return `${pad(Math.floor(seconds / MINUTE))}:${pad(Math.floor(seconds % MINUTE))}`;
}

/** What is left of a promise, counted down while one looks at it. */
export class PromiseClock extends Component {
    static template = "crm_relationship.PromiseClock";
    static props = {
        /** Fields of the ticket as the server gives them. */
        ticket: Object,
        /** Milliseconds by which the server's clock is ahead of this one. */
        ahead: {type: Number, optional: true},
    };

    setup() {
        this.state = useState({now: Date.now()});
        onMounted(() => {
            this.timer = browser.setInterval(() => {
                this.state.now = Date.now();
            }, 1000);
        });
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    get status() {
        const {ticket} = this.props;
        if (ticket.is_waiting_customer && !ticket.next_deadline) {
            return "paused";
        }
        if (!ticket.next_deadline) {
            return "none";
        }
        if (this.seconds < 0) {
            return "late";
        }
        return this.isInDanger ? "danger" : "ahead";
    }

    get moment() {
        return this.state.now + (this.props.ahead || 0);
    }

    get seconds() {
        const due = deserializeDateTime(this.props.ticket.next_deadline);
        return (due.toMillis() - this.moment) / 1000;
    }

    get isInDanger() {
        const {warning_at: warning} = this.props.ticket;
        return warning && deserializeDateTime(warning).toMillis() <= this.moment;
    }

    get text() {
        const status = this.status;
        if (status === "paused") {
            return _t("paused");
        }
        if (status === "none") {
            return _t("no promise");
        }
        const duration = formatDuration(Math.abs(this.seconds));
        return status === "late" ? _t("late by %s", duration) : duration;
    }

    get title() {
        const {ticket} = this.props;
        const titles = {
            paused: _t("The clock stands still: it is the customer's turn."),
            none: ticket.promise_problem || _t("Nothing is promised for it."),
        };
        const status = this.status;
        if (titles[status]) {
            return titles[status];
        }
        const due = deserializeDateTime(ticket.next_deadline);
        const moment = due.toLocaleString(DateTime.DATETIME_MED);
        return ticket.next_promise === "first_response"
            ? _t("First response due %s", moment)
            : _t("Solution due %s", moment);
    }

    get className() {
        return {
            late: "text-bg-danger",
            danger: "text-bg-warning",
            ahead: "text-bg-success",
            paused: "text-bg-secondary",
            none: "text-bg-light",
        }[this.status];
    }

    get icon() {
        return {
            late: "fa-exclamation-triangle",
            danger: "fa-hourglass-half",
            ahead: "fa-clock-o",
            paused: "fa-pause",
            none: "fa-minus",
        }[this.status];
    }
}
