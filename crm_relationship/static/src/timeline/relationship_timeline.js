import {Component, onMounted, onWillUpdateProps, useState} from "@odoo/owl";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const {DateTime} = luxon;
const PAGE_SIZE = 30;

/**
 * The history of one customer: contacts, sales and answers, the newest first, page by page.
 * It is fetched when the page of the form that holds it is shown, not before.
 */
export class RelationshipTimeline extends Component {
    static template = "crm_relationship.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.kinds = [
            {id: "interaction", label: _t("Contacts")},
            {id: "transaction", label: _t("Sales")},
            {id: "feedback", label: _t("Feedback")},
        ];
        this.state = useState({
            days: [],
            entryCount: 0,
            isLoading: true,
            kind: null,
            next: false,
        });
        onMounted(() => this.reload(this.props.record.resId));
        onWillUpdateProps((nextProps) => {
            if (nextProps.record.resId !== this.props.record.resId) {
                this.reload(nextProps.record.resId);
            }
        });
    }

    /** Forget what is shown and fetch the first page. */
    reload(resId) {
        this.resId = resId;
        Object.assign(this.state, {days: [], entryCount: 0, next: false});
        return this.load();
    }

    async load() {
        if (!this.resId) {
            this.state.isLoading = false;
            return;
        }
        this.state.isLoading = true;
        const kinds = this.state.kind ? [this.state.kind] : null;
        try {
            const page = await this.keepLast.add(
                this.orm.call("crm.relationship", "get_timeline", [
                    [this.resId],
                    kinds,
                    PAGE_SIZE,
                    this.state.next || null,
                ])
            );
            page.entries.forEach((entry) => this.addEntry(entry));
            this.state.next = page.next;
        } finally {
            this.state.isLoading = false;
        }
    }

    /** Put an entry under the heading of its day. */
    addEntry(entry) {
        const date = deserializeDateTime(entry.date);
        const day = date.toLocaleString(DateTime.DATE_FULL);
        let last = this.state.days.at(-1);
        if (!last || last.day !== day) {
            this.state.days.push({day, entries: []});
            last = this.state.days.at(-1);
        }
        last.entries.push({
            ...entry,
            key: this.state.entryCount++,
            time: date.toLocaleString(DateTime.TIME_SIMPLE),
        });
    }

    getDirectionText(entry) {
        if (entry.kind === "transaction") {
            return "";
        }
        return entry.direction === "in" ? _t("From the customer") : _t("From us");
    }

    selectKind(kind) {
        if (this.state.kind !== kind) {
            this.state.kind = kind;
            this.reload(this.resId);
        }
    }

    openDocument({model, id}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

export const relationshipTimeline = {
    component: RelationshipTimeline,
};

registry.category("view_widgets").add("relationship_timeline", relationshipTimeline);
