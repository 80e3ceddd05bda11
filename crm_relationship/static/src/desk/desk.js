import {
    Component,
    markup,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {formatInteger, formatPercentage} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {PromiseClock} from "./promise_clock";

const {DateTime} = luxon;
const QUEUE = "crm_relationship.helpdesk_ticket_queue_action";
// Colleagues and customers go on working meanwhile.
const RELOAD_MILLISECONDS = 120000;
const STEPS = {ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10};

/** All that an agent needs on one screen: the queue, the ticket, and who its customer is. */
export class Desk extends Component {
    static template = "crm_relationship.Desk";
    static components = {Layout, PromiseClock};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.answerRef = useRef("answer");
        this.queueRef = useRef("queue");
        this.state = useState({
            desk: null,
            selectedId: false,
            detail: null,
            isSending: false,
            answers: {},
        });
        onWillStart(() => this.reload());
        onMounted(() => {
            this.timer = browser.setInterval(() => {
                if (!document.hidden && !this.state.isSending) {
                    this.reload(true);
                }
            }, RELOAD_MILLISECONDS);
            this.queueRef.el?.focus();
        });
        onWillUnmount(() => browser.clearInterval(this.timer));
        useEffect(
            () => {
                const selected = this.queueRef.el?.querySelector(
                    "[aria-selected='true']"
                );
                selected?.scrollIntoView({block: "nearest"});
            },
            () => [this.state.selectedId]
        );
    }

    // ------------------------------------------------------------------ loading

    /** Fetch the queue; the selected ticket stays selected while it is in it. */
    async reload(isSilent = false) {
        const orm = isSilent ? this.orm.silent : this.orm;
        const desk = await orm.call("helpdesk.ticket", "get_desk", []);
        this.ahead = deserializeDateTime(desk.now).toMillis() - Date.now();
        this.state.desk = desk;
        if (!this.selected) {
            this.state.selectedId = desk.tickets[0]?.id || false;
            await this.loadDetail();
        }
    }

    async loadDetail() {
        const id = this.state.selectedId;
        if (!id) {
            this.state.detail = null;
            return;
        }
        const detail = await this.orm.silent.call(
            "helpdesk.ticket",
            "get_desk_ticket",
            [[id]]
        );
        // Meanwhile another ticket may have been chosen.
        if (id === this.state.selectedId) {
            this.state.detail = detail;
        }
    }

    async reloadAll() {
        await this.reload();
        await this.loadDetail();
    }

    // ------------------------------------------------------------------ what is shown

    get tickets() {
        return this.state.desk.tickets;
    }

    get selected() {
        return this.tickets.find(({id}) => id === this.state.selectedId);
    }

    /** The ticket and its customer, once they are those of the selected one. */
    get detail() {
        const {detail, selectedId} = this.state;
        return detail && detail.ticket.id === selectedId ? detail : null;
    }

    get customer() {
        return this.detail && this.detail.customer;
    }

    get health() {
        const {health} = this.customer;
        const level = health < 40 ? "danger" : health < 70 ? "warning" : "success";
        return {text: formatInteger(health), className: `text-bg-${level}`};
    }

    get healthExplanation() {
        // Made of escaped texts by the server.
        return markup(this.customer.health_explanation || "");
    }

    /** What the customer gets, on the same terms in one line. */
    get entitlements() {
        const groups = new Map();
        for (const {name, terms} of this.customer.entitlements) {
            groups.set(terms, [...(groups.get(terms) || []), name]);
        }
        return [...groups].map(([terms, names]) => ({terms, names: names.join(", ")}));
    }

    getFcrHint({count}) {
        return count
            ? _t("of %s decided in 7 days", formatInteger(count))
            : _t("nothing of mine was decided in 7 days");
    }

    get tiles() {
        const words = {
            queue: [_t("My queue"), _t("mine and my teams' without an owner")],
            late: [_t("Late"), _t("of mine")],
            waiting: [_t("Paused"), _t("it is the customer's turn")],
            fcr: [_t("Solved at first contact"), ""],
        };
        return this.state.desk.tiles.map((tile) => {
            const [label, hint] = words[tile.key];
            const isRatio = tile.key === "fcr";
            return {
                ...tile,
                label,
                hint: isRatio ? this.getFcrHint(tile) : hint,
                text: isRatio ? this.percent(tile.value) : formatInteger(tile.value),
                help: isRatio ? this.state.desk.fcr_rule : hint,
                isBad: tile.key === "late" && tile.value > 0,
            };
        });
    }

    get isCut() {
        return this.tickets.length >= this.state.desk.limit;
    }

    percent(value) {
        return value === false
            ? _t("None yet")
            : formatPercentage(value, {digits: [16, 0]});
    }

    formatMoment(value) {
        return deserializeDateTime(value).toLocaleString(DateTime.DATETIME_MED);
    }

    formatAge(value) {
        return deserializeDateTime(value).toRelative();
    }

    getDirectionText(entry) {
        if (entry.kind === "transaction") {
            return "";
        }
        return entry.direction === "in" ? _t("from the customer") : _t("from us");
    }

    // ------------------------------------------------------------------ choosing

    select(id) {
        if (this.state.selectedId !== id) {
            this.state.selectedId = id;
            return this.loadDetail();
        }
    }

    onQueueKeydown(ev) {
        const last = this.tickets.length - 1;
        const place = this.tickets.findIndex(({id}) => id === this.state.selectedId);
        let next = place + (STEPS[ev.key] || 0);
        if (ev.key === "Home") {
            next = 0;
        } else if (ev.key === "End") {
            next = last;
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            this.answerRef.el?.focus();
            return;
        } else if (!STEPS[ev.key]) {
            return;
        }
        ev.preventDefault();
        this.select(this.tickets[Math.max(0, Math.min(last, next))].id);
    }

    onAnswerKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.send();
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.queueRef.el?.focus();
        }
    }

    // ------------------------------------------------------------------ answering

    get answer() {
        return this.state.answers[this.state.selectedId] || "";
    }

    setAnswer(text) {
        this.state.answers[this.state.selectedId] = text;
    }

    /** Put a canned answer where the cursor is, in place of what is marked. */
    insert(response) {
        const el = this.answerRef.el;
        const text = this.answer;
        const start = el ? el.selectionStart : text.length;
        const end = el ? el.selectionEnd : text.length;
        const before = text.slice(0, start);
        const gap = before && !/\s$/.test(before) ? "\n" : "";
        this.setAnswer(before + gap + response.substitution + text.slice(end));
        const place = start + gap.length + response.substitution.length;
        browser.setTimeout(() => {
            el?.focus();
            el?.setSelectionRange(place, place);
        });
    }

    async send() {
        const id = this.state.selectedId;
        const text = this.answer;
        if (this.state.isSending || !text.trim()) {
            return;
        }
        this.state.isSending = true;
        try {
            await this.orm.call("helpdesk.ticket", "post_desk_answer", [[id], text]);
            delete this.state.answers[id];
            this.notification.add(_t("The answer is on its way to the customer."), {
                type: "success",
            });
            await this.reload();
            await this.loadDetail();
            this.queueRef.el?.focus();
        } finally {
            this.state.isSending = false;
        }
    }

    get isMine() {
        return this.detail && this.detail.ticket.user_id === user.userId;
    }

    /** Take a ticket of nobody; that of a colleague asks for a reason. */
    async take() {
        const ids = [this.state.selectedId];
        const action = await this.orm.call("helpdesk.ticket", "assign_to_me", [ids]);
        return action ? this.ask(action) : this.reloadAll();
    }

    async handOver() {
        const ids = [this.state.selectedId];
        return this.ask(
            await this.orm.call("helpdesk.ticket", "action_hand_over", [ids])
        );
    }

    /** Open a dialog, and look again at the queue when it was closed. */
    ask(action) {
        return this.action.doAction(
            {...action, views: [[false, "form"]]},
            {onClose: () => this.reloadAll()}
        );
    }

    // ------------------------------------------------------------------ opening

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openTicket() {
        return this.openRecord("helpdesk.ticket", this.state.selectedId);
    }

    /** The list behind a number. */
    async openTile({label, domain}) {
        const action = await this.action.loadAction(QUEUE);
        return this.action.doAction({
            ...action,
            name: label,
            display_name: label,
            path: false,
            context: {},
            domain,
        });
    }

    openQueue() {
        return this.action.doAction(QUEUE);
    }

    openResponses() {
        return this.action.doAction("mail.mail_canned_response_action");
    }
}

registry.category("actions").add("crm_relationship.desk", Desk);
