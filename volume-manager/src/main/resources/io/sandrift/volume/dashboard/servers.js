// A card for each server: its pressure and what makes it up, its part in the cluster, draining.
import { send } from "./api.js";
import { isOperator, on, refresh, state } from "./data.js";
import { showPartsOf } from "./load.js";
import { ask, at, button, count, dot, empty, facts, fill, make, many, meter, micros, onAct, size, time, toast } from "./view.js";

const MEANING = {
  depth: "commands under way, against the number from which latency climbs",
  latency: "99th percentile, against its own when there is little to do",
  network: "network in use",
  storage: "bytes to be flushed, flush time and stalls",
  cpu: "processors; counts when nearly all are busy",
};

function part(server, name, value, isLimit) {
  return [
    make("span", { title: MEANING[name], class: isLimit ? "limit" : "" }, name),
    meter(value, `${name} of ${server}`, value > 1 ? "bad" : ""),
    make("span", { class: "number" }, value.toFixed(2)),
  ];
}

function condition(load, about) {
  if (about?.health === "gone") return ["gone", "bad"];
  if (!load) return ["starting", "warn"];
  if (load.liveness !== "alive") return [load.liveness, load.liveness === "dead" ? "bad" : "warn"];
  if (load.draining) return [load.sessions ? "draining" : "drained", "warn"];
  if (about?.health === "full") return ["full", "bad"];
  return ["alive", "good"];
}

function card(id) {
  const load = state.load?.servers.find((each) => each.server === id);
  const about = state.cluster?.servers.find((each) => each.id === id);
  const [word, kind] = condition(load, about);
  const roles = (about?.roles ?? []).filter((role) => role !== "draining");
  return make(
    "li",
    { class: "card", "data-key": id, "data-server": id },
    make(
      "header",
      {},
      make("h3", {}, dot(id), id),
      make("span", { class: "row" }, roles.map((role) => make("span", { class: "badge role" }, role)), make("span", { class: `badge ${kind}` }, word)),
    ),
    load
      ? [
          make("p", { class: "big" }, make("b", {}, load.pressure.toFixed(2)), " pressure", load.predicted > load.pressure + 0.005 ? `, ${load.predicted.toFixed(2)} with those on their way` : ""),
          meter(load.pressure, `pressure of ${id}`, load.pressure > 1 ? "bad tall" : "tall"),
          make("div", { class: "parts" }, Object.entries(load.parts).map(([name, value]) => part(id, name, value, load.pressure > 0.01 && name === load.limitedBy)).flat()),
          facts([
            ["Sessions", String(load.sessions)],
            ["Reads, writes", `${count(load.readsPerSecond ?? 0)}, ${count(load.writesPerSecond ?? 0)} /s`],
            ["Throughput", `${size((load.readBytesPerSecond ?? 0) + (load.writtenBytesPerSecond ?? 0))}/s`],
            ["Latency p50, p99", load.latencyP99Micros ? `${micros(load.latencyP50Micros)}, ${micros(load.latencyP99Micros)}` : "–"],
            ["Under way", `${(load.inFlight ?? 0).toFixed(1)} of ${Math.round(load.knee ?? 0)}`],
            ["Used", `${size(load.usedBytes ?? 0)} of ${size(load.capacityBytes ?? 0)}`],
          ]),
        ]
      : make("p", { class: "soft" }, about?.missing ?? "Its first sample is on its way."),
    make(
      "p",
      { class: "soft small" },
      [about?.version, about?.portals?.join(", "), about?.started ? `since ${time(about.started)}` : null].filter(Boolean).join(" · "),
    ),
    make(
      "div",
      { class: "row" },
      load ? button("Over time", "parts", { server: id }) : null,
      load && isOperator() ? button(load.draining ? "Undrain…" : "Drain…", "drain", { server: id }) : null,
    ),
  );
}

function draw() {
  const ids = [...new Set([...(state.load?.servers ?? []).map((each) => each.server), ...(state.cluster?.servers ?? []).map((each) => each.id)])].sort();
  fill(at("server-cards"), ids.length ? ids.map(card) : empty("No server is known yet."));
}

onAct("parts", ({ server }) => showPartsOf(server));

onAct("drain", ({ server }) => {
  const load = state.load.servers.find((each) => each.server === server);
  const isDraining = load.draining;
  const others = state.load.servers.filter((each) => each.server !== server && each.liveness === "alive" && !each.draining);
  ask(
    isDraining ? `Let ${server} take sessions again?` : `Drain ${server}?`,
    isDraining
      ? [make("p", {}, "New sessions may come to it from now on. Those that were moved away stay where they are until a policy moves them.")]
      : [
          make("p", {}, `Its ${many(load.sessions, "session")} move to other servers without an I/O error, and no new ones come. Its partitions stay; to empty it of data, too, plan a repartition.`),
          others.length ? null : make("p", { class: "error" }, "No other server is alive and takes sessions: they have nowhere to go."),
        ],
    isDraining ? "Undrain" : "Drain",
    async () => {
      await send("POST", `/v1/servers/${server}/${isDraining ? "undrain" : "drain"}`);
      toast(isDraining ? `${server} takes sessions again.` : `${server} is being drained.`);
      refresh();
    },
  );
});

on("load", draw);
on("lists", draw);
on("identity", draw);
