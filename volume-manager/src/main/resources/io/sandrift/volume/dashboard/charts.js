// How things varied over time, drawn by uPlot: with a legend of buttons, a cursor for mouse and keyboard that all charts
// share, a summary for screen readers, and the same as a table.
import { at, colourOf, dashOf, fill, make, time } from "./view.js";

const HEIGHT = 190;
const TABLE_ROWS = 15;

/** Steps of an axis of bytes; uPlot's own are of tens. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, i) => 2 ** i);

const sync = globalThis.uPlot.sync("sandrift");

const all = [];
let rangeSeconds = 300;

const ink = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** One line of a chart: `value` finds it in a point; more is `heavy`, for the one that matters most, or a `dash`. */
export const line = (label, colour, value, more = {}) => ({ label, colour, value, ...more });

export const serverLine = (server, value) => line(server, colourOf(server), (point) => value(point.servers[server]), { dash: dashOf(server) });

/**
 * A chart in a figure of the page.
 */
export class Chart {
  /**
   * @param id of the figure; what it holds in the slot "control" goes beside the title
   * @param title of the chart
   * @param lines given the points, what is drawn
   * @param format of a value
   * @param scale the least and the most that the axis shows, given the largest value
   * @param mark a value, and in words what happens there; null for none
   * @param isBinary whether the values are bytes
   */
  constructor(id, { title, lines, format, scale, mark = () => null, isBinary = () => false }) {
    Object.assign(this, { lines, format, scale, mark, isBinary });
    this.figure = at(id);
    this.hidden = new Set();
    this.points = [];
    this.heading = make("h3", { id: `${id}-title` }, title);
    this.legend = make("div", { class: "legend", role: "group", "aria-label": "Lines; press to hide or show" });
    this.holder = make("div", { class: "chart", tabindex: "0", role: "group", "aria-roledescription": "chart", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-summary` });
    this.summary = make("p", { id: `${id}-summary`, class: "hidden" });
    this.readout = make("p", { class: "hidden", "aria-live": "polite" });
    this.details = make("details", { class: "as-table" }, make("summary", {}, "As a table"), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": `${id}-title` }));
    const control = this.figure.querySelector("[data-slot=control]");
    this.figure.replaceChildren(make("header", {}, this.heading, control), this.holder, this.legend, this.summary, this.readout, this.details);
    this.legend.addEventListener("click", (event) => this.toggle(event.target.closest("[data-line]")?.dataset.line));
    this.holder.addEventListener("keydown", (event) => this.key(event));
    this.holder.addEventListener("blur", () => this.leave());
    this.details.addEventListener("toggle", () => this.drawTable());
    new ResizeObserver(() => this.plot?.setSize(this.box())).observe(this.holder);
    all.push(this);
  }

  box() {
    return { width: Math.max(200, this.holder.clientWidth), height: HEIGHT };
  }

  /** Draws the points that lie in the range. */
  draw(points) {
    const now = points.length ? Date.parse(points.at(-1).at) / 1000 : 0;
    this.points = points.filter((point) => Date.parse(point.at) / 1000 >= now - rangeSeconds);
    if (this.points.length < 2) {
      if (!this.plot) fill(this.holder, make("p", { class: "soft waiting" }, "The first samples are on their way…"));
      return;
    }
    this.shown = this.lines(this.points);
    const data = [this.points.map((point) => Date.parse(point.at) / 1000), ...this.shown.map((each) => this.points.map((point) => each.value(point) ?? null))];
    const kind = [this.isBinary(), ...this.shown.map((each) => each.label)].join("\n");
    if (kind !== this.kind) {
      this.kind = kind;
      this.plot?.destroy();
      this.holder.replaceChildren();
      this.plot = new globalThis.uPlot(this.options(), data, this.holder);
    } else {
      this.plot.setData(data);
    }
    this.drawLegend();
    this.tellSummary();
    if (this.details.open) this.drawTable();
  }

  options() {
    const grid = { stroke: ink("--line"), width: 1 };
    const axis = { stroke: ink("--soft"), grid, ticks: { ...grid, size: 4 }, font: "12px system-ui, sans-serif" };
    return {
      ...this.box(),
      legend: { show: false },
      padding: [10, 10, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, sync: { key: sync.key, scales: ["x", null] } },
      scales: {
        x: { range: (plot, from, to) => [Math.max(to - rangeSeconds, Math.min(from, to - 30)), to] },
        y: { range: (plot, least, most) => this.scale(most ?? 0) },
      },
      axes: [
        { ...axis, space: 70, size: 30, values: (plot, ticks) => ticks.map((tick) => time(tick * 1000)) },
        { ...axis, size: 62, values: (plot, ticks) => ticks.map(this.format), ...(this.isBinary() ? { incrs: BINARY_STEPS } : {}) },
      ],
      series: [
        {},
        ...this.shown.map((each) => ({
          label: each.label,
          stroke: each.colour,
          width: each.heavy ? 2.5 : 1.6,
          dash: each.dash ?? [],
          fill: each.heavy ? `${each.colour}22` : undefined,
          show: !this.hidden.has(each.label),
          points: { show: false },
        })),
      ],
      hooks: { setCursor: [() => this.drawLegend()], draw: [(plot) => this.drawMark(plot)] },
    };
  }

  drawMark(plot) {
    const mark = this.mark();
    if (!mark || mark.value > plot.scales.y.max) return;
    const { ctx, bbox } = plot;
    const y = plot.valToPos(mark.value, "y", true);
    ctx.save();
    ctx.strokeStyle = ink("--warn")();
    ctx.fillStyle = ink("--warn")();
    ctx.setLineDash([4, 4]);
    ctx.textAlign = "left";
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.fillText(mark.words, bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio);
    ctx.restore();
  }

  /** The point under the cursor, or the last. */
  index() {
    return this.plot?.cursor.idx ?? this.points.length - 1;
  }

  value(each, i) {
    const value = each.value(this.points[i]);
    return value == null ? "–" : this.format(value);
  }

  drawLegend() {
    const i = Math.min(this.index(), this.points.length - 1);
    fill(
      this.legend,
      make("time", {}, time(this.points[i].at)),
      this.shown.map((each) =>
        make(
          "button",
          { type: "button", "data-line": each.label, "data-key": each.label, "aria-pressed": String(!this.hidden.has(each.label)) },
          make("span", { class: "swatch", style: { background: each.colour }, "aria-hidden": "true" }),
          each.label,
          make("b", {}, this.value(each, i)),
        ),
      ),
    );
  }

  toggle(label) {
    if (!label || !this.plot) return;
    if (!this.hidden.delete(label)) this.hidden.add(label);
    this.plot.setSeries(1 + this.shown.findIndex((each) => each.label === label), { show: !this.hidden.has(label) });
    this.drawLegend();
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -15, PageDown: 15, Home: -Infinity, End: Infinity };
    if (event.key === "Escape") this.leave();
    if (!(event.key in steps) || !this.plot) return;
    event.preventDefault();
    const i = Math.max(0, Math.min(this.points.length - 1, this.index() + steps[event.key]));
    this.plot.setCursor({ left: this.plot.valToPos(Date.parse(this.points[i].at) / 1000, "x"), top: 10 });
    this.readout.textContent = `${time(this.points[i].at)}: ${this.shown.map((each) => `${each.label} ${this.value(each, i)}`).join(", ")}`;
  }

  leave() {
    this.plot?.setCursor({ left: -10, top: -10 });
  }

  tellSummary() {
    const words = this.shown.map((each) => {
      const values = this.points.map(each.value).filter((value) => value != null);
      if (!values.length) return `${each.label} is unknown`;
      return `${each.label} now ${this.format(values.at(-1))}, between ${this.format(Math.min(...values))} and ${this.format(Math.max(...values))}`;
    });
    this.summary.textContent = `Since ${time(this.points[0].at)}: ${words.join("; ")}. The arrow keys move the cursor.`;
  }

  drawTable() {
    if (!this.details.open || this.points.length < 2) return;
    const step = Math.max(1, Math.ceil(this.points.length / TABLE_ROWS));
    const rows = [];
    for (let i = this.points.length - 1; i >= 0; i -= step) rows.push(i);
    fill(
      this.details.lastElementChild,
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "When"), this.shown.map((each) => make("th", { scope: "col", class: "number" }, each.label)))),
        make(
          "tbody",
          {},
          rows.map((i) => make("tr", {}, make("th", { scope: "row" }, time(this.points[i].at)), this.shown.map((each) => make("td", { class: "number" }, this.value(each, i))))),
        ),
      ),
    );
  }
}

/** How far back all charts look. */
export function setRange(seconds) {
  rangeSeconds = seconds;
}

/** Draws all anew in the colours that hold now. */
export function recolour() {
  all.forEach((chart) => chart.plot?.redraw(false, true));
}
