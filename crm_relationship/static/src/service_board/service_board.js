import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {formatInteger, formatPercentage} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const QUEUE = "crm_relationship.helpdesk_ticket_queue_action";
const FCR = "crm_relationship.helpdesk_ticket_fcr_causes_action";
const DEFAULT_DAYS = 30;
const BAD_TILES = ["late", "unowned"];

/** How the service of the company stands; every number opens the tickets behind it. */
export class ServiceBoard extends Component {
    static template = "crm_relationship.ServiceBoard";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({data: null});
        onWillStart(() => this.load(DEFAULT_DAYS));
    }

    async load(days) {
        this.state.data = await this.keepLast.add(
            this.orm.call("helpdesk.ticket", "get_service_board", [days])
        );
    }

    // ------------------------------------------------------------------ words

    percent(value) {
        return value === false
            ? _t("None yet")
            : formatPercentage(value, {digits: [16, 0]});
    }

    integer(value) {
        return formatInteger(value);
    }

    getPeriodText(days) {
        return days === 365 ? _t("1 year") : _t("%s days", days);
    }

    getAgeText([from, to]) {
        if (to === null) {
            return _t("over %s days", from);
        }
        return from === 0
            ? _t("under 1 day")
            : _t("%(from)s to %(to)s days", {from, to});
    }

    get words() {
        const late = ({count, total}) =>
            _t("%(count)s of %(total)s broken", {
                count: formatInteger(count),
                total: formatInteger(total),
            });
        return {
            open: [_t("Open tickets"), () => _t("now")],
            late: [_t("Late"), () => _t("now: a promise is broken")],
            unowned: [_t("Without owner"), () => _t("now")],
            fcr: [
                _t("Solved at first contact"),
                ({count, total}) =>
                    _t("%(count)s of %(total)s decided took more", {
                        count: formatInteger(count),
                        total: formatInteger(total),
                    }),
                _t("Took more than the first contact"),
            ],
            first_response: [
                _t("First response kept"),
                late,
                _t("First response came late"),
            ],
            resolution: [_t("Solution kept"), late, _t("Solution came late")],
            reopened: [
                _t("Reopened"),
                ({count, total}) =>
                    _t("%(count)s of %(total)s closed tickets", {
                        count: formatInteger(count),
                        total: formatInteger(total),
                    }),
            ],
            handovers: [
                _t("Hand-overs"),
                ({total}) => _t("tickets concerned: %s", formatInteger(total)),
                _t("Handed over"),
            ],
        };
    }

    get tiles() {
        const ratios = ["fcr", "first_response", "resolution", "reopened"];
        return this.state.data.tiles.map((tile) => {
            const [label, getHint, title] = this.words[tile.key];
            const isRatio = ratios.includes(tile.key);
            return {
                ...tile,
                label,
                title: title || label,
                text: isRatio ? this.percent(tile.value) : formatInteger(tile.value),
                hint: isRatio && !tile.total ? "" : getHint(tile),
                isBad: BAD_TILES.includes(tile.key) && tile.value > 0,
            };
        });
    }

    // ------------------------------------------------------------------ rows

    get isEmpty() {
        const {tiles, segments} = this.state.data;
        return !segments.length && tiles.every(({value}) => !value);
    }

    /** Shade of a cell: the more tickets, the darker. */
    getShade(cell) {
        const counts = this.state.data.backlog.flatMap(({cells}) =>
            cells.map(({count}) => count)
        );
        const share = cell.count / Math.max(1, ...counts);
        return `background-color: rgba(var(--o-service-shade), ${(share * 0.6).toFixed(2)})`;
    }

    getLoadStyle(count) {
        const most = Math.max(1, ...this.state.data.load.map(({open}) => open));
        return `width: ${(100 * count) / most}%`;
    }

    getRatioStyle(ratio) {
        return `width: ${100 * (ratio || 0)}%`;
    }

    get promises() {
        return [
            {key: "first_response", label: _t("First response kept")},
            {key: "resolution", label: _t("Solution kept")},
        ];
    }

    // ------------------------------------------------------------------ opening

    async open(title, domain, key) {
        const action = await this.action.loadAction(key === "fcr" ? FCR : QUEUE);
        return this.action.doAction({
            ...action,
            name: title,
            display_name: title,
            path: false,
            context: {},
            domain,
        });
    }

    openCell(row, index) {
        const age = this.getAgeText(this.state.data.ages[index]);
        const title = _t("%(team)s, %(age)s", {team: row.name, age});
        return this.open(title, row.cells[index].domain);
    }

    openBroken(segment, promise) {
        const {title} = this.tiles.find(({key}) => key === promise.key);
        const name = _t("%(segment)s: %(title)s", {segment: segment.name, title});
        return this.open(name, segment[promise.key].domain);
    }
}

registry.category("actions").add("crm_relationship.service_board", ServiceBoard);
