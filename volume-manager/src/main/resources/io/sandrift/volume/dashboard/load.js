// Health in words, the figures of the whole system, and how the load varied.
import { Chart, line, serverLine, setRange } from "./charts.js";
import { on, serverIds, state } from "./data.js";
import { at, count, fill, make, many, size } from "./view.js";

/** Below this mean pressure nobody has anything to do, and a ratio of next to nothing says nothing. */
const IDLE = 0.01;

const HEALTH = { ok: "All is well", degraded: "Something needs attention", failing: "Data can't be reached" };

function drawHealth() {
  const { cluster } = state;
  if (!state.me || state.silentSince !== null || !cluster) return;
  const notes = [...cluster.problems];
  for (const load of state.load?.servers ?? []) {
    if (load.liveness === "suspect") notes.push(`${load.server} has not been heard of lately`);
    if (load.pressure > 1) notes.push(`${load.server} is saturated: its ${load.limitedBy} is ${load.pressure.toFixed(2)} of what it can do`);
  }
  const health = cluster.health === "ok" && notes.length ? "degraded" : cluster.health;
  at("health").dataset.health = health;
  at("health-title").textContent = HEALTH[health] ?? health;
  const draining = (state.load?.servers ?? []).filter((load) => load.draining).map((load) => load.server);
  fill(
    at("health-body"),
    notes.length ? make("ul", {}, notes.map((note) => make("li", {}, note))) : null,
    make(
      "p",
      {},
      `${many(cluster.servers.length, "server")}, ${many(state.volumes.length, "volume")}, ${many(state.sessions.length, "session")}.`,
      draining.length ? ` ${draining.join(", ")} ${draining.length > 1 ? "are" : "is"} drained on request.` : "",
    ),
  );
}

function drawFigures() {
  const { load } = state;
  if (!load) return;
  const sum = (value) => load.servers.reduce((total, server) => total + (value(server) ?? 0), 0);
  const busiest = load.servers.reduce((most, server) => (server.pressure > (most?.pressure ?? -1) ? server : most), null);
  const used = sum((server) => server.usedBytes);
  const capacity = sum((server) => server.capacityBytes);
  const figure = (name, value, note) => make("div", {}, make("dt", {}, name), make("dd", {}, value, note ? make("small", {}, note) : null));
  fill(
    at("figures"),
    figure("Imbalance", load.mean < IDLE ? "idle" : load.imbalance.toFixed(2), "max / mean; 1 is balanced"),
    figure("Highest pressure", load.max.toFixed(2), busiest && load.max > 0 ? `${busiest.server}, ${busiest.limitedBy}` : "1 is saturated"),
    figure("Mean pressure", load.mean.toFixed(2)),
    figure("Sessions", count(sum((server) => server.sessions))),
    figure("Commands/s", count(sum((server) => (server.readsPerSecond ?? 0) + (server.writesPerSecond ?? 0)))),
    figure("Throughput", `${size(sum((server) => (server.readBytesPerSecond ?? 0) + (server.writtenBytesPerSecond ?? 0)))}/s`),
    figure("Used", size(used), capacity ? `of ${size(capacity)}` : null),
  );
}

// ---- Charts.

const ratio = (value) => value.toFixed(2);
const fromZero = (least) => (most) => [0, Math.max(least, most * 1.1)];
const seen = (points) => serverIds().filter((server) => points.some((point) => point.servers[server]));

function threshold() {
  const adaptive = state.policies?.policies.find((policy) => policy.policy === "adaptive");
  return adaptive ? { value: Number(adaptive.parameters.enter), words: `moves begin above ${adaptive.parameters.enter}` } : null;
}

const imbalance = new Chart("chart-imbalance", {
  title: "Imbalance",
  lines: () => [line("imbalance", "#2f7fc1", (point) => (point.mean < IDLE ? null : point.imbalance), { heavy: true })],
  format: ratio,
  scale: (most) => [1, Math.max(1.4, most * 1.05)],
  mark: threshold,
});

const pressure = new Chart("chart-pressure", {
  title: "Pressure of each server",
  lines: (points) => seen(points).map((server) => serverLine(server, (was) => was?.pressure)),
  format: ratio,
  scale: fromZero(0.2),
  mark: () => ({ value: 1, words: "saturated" }),
});

const PARTS = { depth: "#c8641e", latency: "#9557b8", network: "#4a9aa8", storage: "#b3942a", cpu: "#c24a72" };

const parts = new Chart("chart-parts", {
  title: "What makes up the pressure",
  lines: () => [
    line("pressure", "#2f7fc1", (point) => point.servers[chosen()]?.pressure, { heavy: true }),
    ...Object.entries(PARTS).map(([part, colour]) => line(part, colour, (point) => point.servers[chosen()]?.parts[part])),
  ],
  format: ratio,
  scale: fromZero(0.2),
  mark: () => ({ value: 1, words: "saturated" }),
});

const unit = () => at("io-unit").value;

const io = new Chart("chart-io", {
  title: "Reads and writes",
  lines: (points) => [
    line("all", "#7a7f88", (point) => Object.values(point.servers).reduce((total, was) => total + was[unit()], 0), { heavy: true }),
    ...seen(points).map((server) => serverLine(server, (was) => was?.[unit()])),
  ],
  format: (value) => (unit() === "bytesPerSecond" ? size(value) : count(value)),
  scale: fromZero(10),
  isBinary: () => unit() === "bytesPerSecond",
});

/** The server whose parts are shown: the one that was chosen, at first the busiest. */
function chosen() {
  return at("parts-of").value;
}

export function showPartsOf(server) {
  at("parts-of").value = server;
  drawCharts();
  at("chart-parts").scrollIntoView({ block: "center" });
  at("parts-of").focus({ preventScroll: true });
}

function drawChoice() {
  const select = at("parts-of");
  const servers = serverIds();
  if ([...select.options].map((option) => option.value).join() === servers.join()) return;
  const before = select.value;
  fill(select, servers.map((server) => make("option", { value: server }, server)));
  const busiest = [...(state.load?.servers ?? [])].sort((a, b) => b.pressure - a.pressure)[0];
  select.value = servers.includes(before) ? before : (busiest?.server ?? servers[0]);
}

function drawCharts() {
  drawChoice();
  for (const chart of [imbalance, pressure, parts, io]) chart.draw(state.points);
}

at("range").addEventListener("change", () => {
  setRange(Number(at("range").value));
  drawCharts();
});
at("parts-of").addEventListener("change", drawCharts);
at("io-unit").addEventListener("change", drawCharts);
on("load", drawFigures);
on("load", drawCharts);
on("load", drawHealth);
on("lists", drawHealth);
