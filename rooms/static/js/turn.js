// A round of a breakout over the room: which group, with whom, for how long; what was said; tables to choose from.
// Times are spans from the server, counted down here: old phones' clocks are wrong.

import { inTime, part, toggle } from "./page.js";

const RETURNED_FOR = 10000;

export class Turn {
  constructor() {
    this.words = part("turn").dataset;
    this.endsAt = null;
    this.startsAt = null;
    this.wasIn = null;
    this.returnedUntil = 0;
    setInterval(() => this.count(), 1000);
  }

  // turn, said and tables as /me/now tells them.
  show({ turn, said, tables }) {
    const group = turn && turn.group;
    const inGroup = group ? group.id : null;
    const from = performance.now();
    this.endsAt = turn && turn.on ? from + turn.ends_in * 1000 : null;
    this.startsAt = turn && !turn.on ? from + turn.starts_in * 1000 : null;
    this.inGroup = inGroup;
    if (this.wasIn && !inGroup && !(turn && turn.on)) this.returnedUntil = from + RETURNED_FOR;
    this.wasIn = inGroup;
    if (tables) this.showTables(tables, turn);
    if (said) this.showSaid(said);
    this.where(turn, group);
    toggle("hand", Boolean(group));
    if (group) part("hand").setAttribute("aria-pressed", String(group.hand));
    this.count();
  }

  where(turn, group) {
    let text = "";
    if (group) text = group.why ? `${group.why} ${group.where}` : group.where;
    else if (turn && turn.on) text = part("tables").hidden ? this.words.big : this.words.choose;
    else if (performance.now() < this.returnedUntil) text = this.words.returned;
    if (part("turn-where").textContent !== text) part("turn-where").textContent = text;
    part("turn-where").hidden = !text;
  }

  showSaid(said) {
    const list = part("turn-said");
    const known = new Set([...list.children].map((item) => item.dataset.id));
    const now = new Set(said.map((one) => one.id));
    [...list.children].forEach((item) => now.has(item.dataset.id) || item.remove());
    said.forEach((one) => {
      if (known.has(one.id)) return;
      const item = document.createElement("li");
      item.dataset.id = one.id;
      item.dir = "auto";
      item.textContent = one.text;
      list.appendChild(item);
    });
    list.hidden = !said.length;
  }

  showTables(tables, turn) {
    const list = part("tables-list");
    const focused = document.activeElement && document.activeElement.dataset.table;
    list.replaceChildren(
      ...tables.map((table) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "ds-button";
        button.dataset.variant = table.mine ? "primary" : "secondary";
        button.dataset.size = "sm";
        button.dataset.do = "table";
        button.dataset.table = String(table.number);
        button.setAttribute("aria-pressed", String(table.mine));
        button.disabled = table.full && !table.mine;
        const name = document.createElement("bdi");
        name.textContent = table.name;
        const count = document.createElement("span");
        count.textContent = this.words.atTable.replace("{people}", table.people).replace("{most}", table.most);
        button.append(name, count);
        item.appendChild(button);
        return item;
      }),
    );
    if (focused) {
      const again = list.querySelector(`[data-table="${focused}"]`);
      if (again) again.focus();
    }
    toggle("tables", Boolean(tables.length));
    toggle("table-back", Boolean(turn && turn.group));
  }

  tableFull(full) {
    part("tables-full").textContent = full ? this.words.full : "";
    toggle("tables-full", Boolean(full));
  }

  count() {
    const now = performance.now();
    const left = this.endsAt === null ? null : (this.endsAt - now) / 1000;
    const until = this.startsAt === null ? null : (this.startsAt - now) / 1000;
    if (this.returnedUntil && now >= this.returnedUntil) {
      this.returnedUntil = 0;
      if (part("turn-where").textContent === this.words.returned) part("turn-where").hidden = true;
    }
    let text = "";
    if (left !== null && left > 0 && this.inGroup) text = this.words.back.replace("{time}", inTime(left));
    else if (until !== null && until > 0 && until < 600) text = this.words.next.replace("{time}", inTime(until));
    if (part("turn-time").textContent !== text) part("turn-time").textContent = text;
    toggle("turn-time", Boolean(text));
    const closing = left !== null && left > 0 && left <= 60 && Boolean(this.inGroup);
    const notice = closing ? this.words.closing : "";
    if (part("turn-closing").textContent !== notice) part("turn-closing").textContent = notice;
    toggle("turn-closing", closing);
    const shown = ["turn-where", "turn-time", "turn-said", "tables"].some((name) => !part(name).hidden);
    toggle("turn", shown);
  }
}
