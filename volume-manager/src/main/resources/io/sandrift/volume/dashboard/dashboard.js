// The page: takes the stream's snapshots and the API's lists, and draws them.
import { ApiError, get, listen, maybe, send, setToken } from "./api.js";
import { drawTrend } from "./trend.js";
import { ask, colourOf, count, dot, fill, knowServers, make, meter, size, time, toast } from "./view.js";

const at = (id) => document.getElementById(id);
const state = { load: null, sessions: [], servers: [], policies: null, volumes: [], maps: new Map(), plans: [], log: [], where: new Map() };

// ---- System and servers.

function drawHealth(cluster) {
  if (cluster) {
    const problems = (cluster.problems ?? []).map((each) => (typeof each === "string" ? each : each.what ?? each.problem ?? ""));
    at("health").textContent = problems.length
      ? `${cluster.health}: ${problems.join("; ")}`
      : `All is well: ${(cluster.members ?? state.servers).length} servers, ${state.sessions.length} sessions.`;
    return;
  }
  const bad = state.servers.filter((server) => server.state !== "alive");
  at("health").textContent = bad.length
    ? `${bad.map((server) => `${server.id} is ${server.state}`).join(", ")}.`
    : `All ${state.servers.length} servers are alive.`;
}

function drawSystem(load) {
  const figure = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  fill(at("figures"), [
    figure("Imbalance (max/mean)", load.imbalance.toFixed(2)),
    figure("Mean pressure", load.mean.toFixed(2)),
    figure("Highest", load.max.toFixed(2)),
    figure("Sessions", `${load.servers.reduce((sum, server) => sum + server.sessions, 0)}`),
  ]);
}

function serverCard(load) {
  const about = state.servers.find((server) => server.id === load.server) ?? {};
  const draining = load.draining || about.draining;
  const badge = draining ? "draining" : load.liveness;
  const parts = Object.entries(load.parts).flatMap(([part, value]) => [
    make("span", {}, part),
    meter(value, `${part} of ${load.server}`),
    make("span", {}, value.toFixed(2)),
  ]);
  const roles = [];
  if (state.policies?.master?.server === load.server) roles.push("master");
  for (const policy of state.policies?.policies ?? []) {
    if (policy.intake?.server === load.server) roles.push(`intake of ${policy.serviceClass}`);
  }
  return make(
    "li",
    { class: "card" },
    make(
      "header",
      {},
      make("h3", {}, dot(load.server), load.server),
      make("span", { class: `badge ${badge}` }, badge),
    ),
    roles.length ? make("p", { class: "soft" }, roles.join(", ")) : null,
    meter(load.pressure, `pressure of ${load.server}`),
    make("div", {}, `Pressure ${load.pressure.toFixed(2)}`, load.predicted > load.pressure ? `, ${load.predicted.toFixed(2)} with those on their way` : ""),
    make("div", { class: "parts" }, ...parts),
    make(
      "p",
      { class: "soft" },
      `${load.sessions} sessions, ${count((load.readsPerSecond ?? 0) + (load.writesPerSecond ?? 0))} commands/s, ` +
        `${size((load.readBytesPerSecond ?? 0) + (load.writtenBytesPerSecond ?? 0))}/s, p99 ${Math.round(load.latencyP99Micros ?? 0)} µs`,
    ),
    make(
      "div",
      { class: "row" },
      make(
        "button",
        { type: "button", "data-key": `drain-${load.server}`, "data-drain": load.server, "data-on": draining ? "yes" : "no" },
        draining ? "Take sessions again" : "Drain",
      ),
    ),
  );
}

function drawServers() {
  if (!state.load) return;
  fill(at("servers"), state.load.servers.map(serverCard));
}

at("servers").addEventListener("click", (event) => {
  const button = event.target.closest("[data-drain]");
  if (!button) return;
  const server = button.dataset.drain;
  const draining = button.dataset.on === "yes";
  ask(
    draining ? `Let ${server} take sessions again?` : `Drain ${server}?`,
    [make("p", {}, draining ? "New sessions may come to it from now on." : "All its sessions move to other servers, and no new ones come. Its partitions stay.")],
    draining ? "Undrain" : "Drain",
    async () => {
      await send("POST", `/v1/servers/${server}/${draining ? "undrain" : "drain"}`, {});
      toast(draining ? `${server} takes sessions again.` : `${server} is being drained.`);
      refresh();
    },
  );
});

// ---- Sessions.

const shortName = (client) => client.replace(/^iqn\.[^:]*:/, "");

function drawLanes() {
  const lanes = at("lanes");
  const servers = [...new Set([...(state.load?.servers ?? []).map((load) => load.server), ...state.sessions.map((session) => session.server)])].sort();
  const before = new Map([...lanes.querySelectorAll("[data-session]")].map((chip) => [chip.dataset.session, chip.getBoundingClientRect()]));
  const changed = fill(
    lanes,
    servers.map((server) => {
      const here = state.sessions.filter((session) => session.server === server);
      return make(
        "div",
        { class: "lane", "data-server": server },
        make("h3", {}, dot(server), `${server}: ${here.length}`),
        make(
          "ul",
          { class: "chips", "aria-label": `Sessions at ${server}` },
          ...here.map((session) =>
            make(
              "li",
              {},
              make(
                "button",
                {
                  type: "button",
                  class: `chip${session.movingTo ? " moving" : ""}`,
                  "data-key": session.id,
                  "data-session": session.id,
                  title: `${session.client} on ${session.volume}${session.movingTo ? `, moving to ${session.movingTo}` : ""}`,
                },
                `${shortName(session.client)} · ${session.volume}`,
              ),
            ),
          ),
        ),
      );
    }),
  );
  if (!changed) return;
  for (const chip of lanes.querySelectorAll("[data-session]")) {
    const id = chip.dataset.session;
    const lane = chip.closest(".lane").dataset.server;
    const old = before.get(id);
    if (old && state.where.get(id) !== undefined && state.where.get(id) !== lane) {
      const now = chip.getBoundingClientRect();
      chip.classList.add("arrived");
      setTimeout(() => chip.classList.remove("arrived"), 2500);
      chip.animate([{ transform: `translate(${old.x - now.x}px, ${old.y - now.y}px)` }, { transform: "none" }], { duration: 700, easing: "ease-in-out" });
    }
    state.where.set(id, lane);
  }
}

at("lanes").addEventListener("click", async (event) => {
  const chip = event.target.closest("[data-session]");
  if (!chip) return;
  try {
    showSession(await get(`/v1/sessions/${chip.dataset.session}`));
  } catch (e) {
    toast(e.message);
  }
});

function decisionLine(decision) {
  const numbers = Object.entries(decision.numbers ?? {})
    .map(([name, value]) => `${name} ${Number(value).toFixed(2)}`)
    .join(", ");
  return make("li", {}, `${time(decision.at)} ${decision.kind}: ${decision.reason}`, numbers ? make("span", { class: "soft" }, ` (${numbers})`) : null);
}

function showSession(session) {
  const others = state.servers.map((server) => server.id).filter((server) => server !== session.server);
  const select = make("select", { id: "move-to" }, ...others.map((server) => make("option", { value: server }, server)));
  ask(
    `${shortName(session.client)} on ${session.volume}`,
    [
      make("p", {}, `Served by ${session.server} since ${new Date(session.since).toLocaleString()}; ${count(session.commands)} commands, ${size(session.bytesRead)} read, ${size(session.bytesWritten)} written.`),
      make("h3", {}, "Why it is here"),
      make("ul", {}, ...(session.decisions?.length ? session.decisions.slice(-12).map(decisionLine) : [make("li", {}, "It was served where it arrived.")])),
      others.length ? make("label", { for: "move-to" }, "Move it to ", select) : make("p", { class: "soft" }, "There is no other server."),
    ],
    "Move",
    others.length
      ? async () => {
          await send("POST", `/v1/sessions/${session.id}/move`, { to: select.value, reason: "asked for on the dashboard" });
          toast(`${shortName(session.client)} has moved to ${select.value}.`);
          refresh();
        }
      : null,
  );
}

// ---- Volumes.

function drawVolumes() {
  fill(
    at("volumes"),
    state.volumes.map((volume) => {
      const map = state.maps.get(volume.name);
      const cells = (map?.partitions ?? []).map((partition) =>
        make("i", { style: { background: colourOf(partition.server) }, title: `partition ${partition.partition} at ${partition.server}` }),
      );
      const shares = new Map();
      for (const partition of map?.partitions ?? []) shares.set(partition.server, (shares.get(partition.server) ?? 0) + 1);
      const words = [...shares].map(([server, n]) => `${server} ${n}`).join(", ");
      return make(
        "article",
        { class: "card" },
        make("h3", {}, volume.name),
        make("p", { class: "soft" }, `${size(volume.sizeBytes)}, ${volume.serviceClass}, ${volume.partitions} partitions`),
        cells.length ? make("div", { class: "strip", role: "img", "aria-label": `Partitions: ${words}` }, ...cells) : null,
        make("p", { class: "soft" }, ...[...shares].flatMap(([server, n]) => [dot(server), `${server} ${n}  `])),
      );
    }),
  );
}

// ---- Repartition.

const ACTIVE = ["running", "paused", "planned", "cancelling", "pausing"];

function planRow(plan) {
  const done = plan.bytes > 0 ? (plan.bytesMoved ?? 0) / plan.bytes : (plan.movesMade ?? 0) / Math.max(1, plan.moves);
  const active = ACTIVE.includes(plan.state);
  const button = (act, label) => make("button", { type: "button", "data-plan": plan.id, "data-act": act, "data-key": `${plan.id}-${act}` }, label);
  return make(
    "article",
    { class: "card" },
    make("h3", {}, `${plan.purpose}: ${plan.state}`),
    active ? meter(done, `progress of ${plan.purpose}`) : null,
    make(
      "p",
      { class: "soft" },
      `${plan.movesMade ?? 0} of ${plan.moves} partitions, ${size(plan.bytesMoved ?? 0)} of ${size(plan.bytes)}` +
        (plan.currentBytesPerSecond ? `, ${size(plan.currentBytesPerSecond)}/s` : "") +
        (plan.secondsLeft ? `, ${plan.secondsLeft} s left` : "") +
        (plan.note ? `. ${plan.note}` : ""),
    ),
    active
      ? make("div", { class: "row" }, plan.state === "paused" ? button("resume", "Resume") : button("pause", "Pause"), button("cancel", "Cancel"))
      : null,
  );
}

function drawRepartition() {
  const recent = state.plans.slice(0, 4);
  fill(at("repartition"), [
    make(
      "div",
      { class: "row" },
      make("button", { type: "button", "data-rebalance": "capacity", "data-key": "rebalance-capacity" }, "Even out space…"),
      make("button", { type: "button", "data-rebalance": "load", "data-key": "rebalance-load" }, "Even out load…"),
    ),
    ...(recent.length ? recent.map(planRow) : [make("p", { class: "soft" }, "No partition has been moved yet.")]),
  ]);
}

at("repartition").addEventListener("click", async (event) => {
  const rebalance = event.target.closest("[data-rebalance]")?.dataset.rebalance;
  const act = event.target.closest("[data-act]");
  try {
    if (rebalance) {
      const plan = await send("POST", "/v1/repartition/plan", { rebalance });
      const moves = plan.moves?.length ?? 0;
      ask(
        `Even out ${rebalance === "load" ? "load" : "space"}`,
        [make("p", {}, moves ? `${moves} partitions would move, ${size(plan.bytes ?? 0)} in all.` : "Nothing needs to move: it is as even as it can be.")],
        "Run",
        moves
          ? async () => {
              await send("POST", "/v1/repartition/plans", { rebalance });
              toast("The plan runs.");
              refresh();
            }
          : null,
      );
    } else if (act) {
      const { plan, act: what } = act.dataset;
      ask(`${what[0].toUpperCase()}${what.slice(1)} plan ${plan}?`, [], what, async () => {
        await send("POST", `/v1/repartition/plans/${plan}/${what}`, {});
        refresh();
      });
    }
  } catch (e) {
    toast(e.message);
  }
});

// ---- Policies.

function drawPolicies() {
  const all = state.policies;
  if (!all) {
    fill(at("policies"), [make("p", { class: "soft" }, "No policies are known.")]);
    return;
  }
  fill(at("policies"), [
    make("p", { class: "soft" }, all.master ? `The master is ${all.master.server}, in epoch ${all.master.epoch}.` : "There is no master now: each server decides by itself."),
    ...all.policies.map((policy) =>
      make(
        "article",
        { class: "card" },
        make("h3", {}, policy.serviceClass),
        make("p", { class: "soft" }, `${policy.policy}, by ${policy.link}` + (policy.intake ? `; intake ${policy.intake.server} since ${time(policy.intake.since)}, epoch ${policy.intake.epoch}` : "")),
        make("button", { type: "button", "data-policy": policy.serviceClass, "data-key": `policy-${policy.serviceClass}` }, "Change…"),
      ),
    ),
  ]);
}

at("policies").addEventListener("click", (event) => {
  const service = event.target.closest("[data-policy]")?.dataset.policy;
  if (!service) return;
  const now = state.policies.policies.find((policy) => policy.serviceClass === service);
  const kinds = make("select", { id: "policy-kind" }, ...state.policies.kinds.map((kind) => make("option", { value: kind.policy, selected: kind.policy === now.policy }, `${kind.policy}: ${kind.sentence}`)));
  const links = make("select", { id: "policy-link" }, ...["redirect", "relay", "auto"].map((link) => make("option", { value: link, selected: link === now.link }, link)));
  ask(`Policy of ${service}`, [make("label", { for: "policy-kind" }, "Policy ", kinds), make("label", { for: "policy-link" }, "Link ", links)], "Switch", async () => {
    await send("PUT", `/v1/policies/${service}`, { policy: kinds.value, link: links.value });
    toast(`${service} is served by ${kinds.value} now.`);
    refresh();
  });
});

// ---- The log.

function drawLog() {
  fill(
    at("log"),
    state.log.map((entry) =>
      make(
        "tr",
        {},
        make("td", {}, time(entry.at)),
        make("td", {}, entry.kind),
        make("td", {}, make("code", {}, entry.client ? shortName(entry.client) : entry.session || "")),
        make("td", {}, entry.from || ""),
        make("td", {}, entry.to || ""),
        make("td", {}, entry.reason),
      ),
    ),
  );
}

// ---- Getting it all.

let refreshing = false;

async function refresh() {
  if (refreshing) return;
  refreshing = true;
  try {
    const [sessions, servers, policies, volumes, plans, log, cluster] = await Promise.all([
      maybe("/v1/sessions?limit=1000"),
      maybe("/v1/servers"),
      maybe("/v1/policies"),
      maybe("/v1/volumes"),
      maybe("/v1/repartition/plans"),
      maybe("/v1/assignments?limit=60"),
      maybe("/v1/cluster"),
    ]);
    state.sessions = sessions?.sessions ?? [];
    state.servers = servers?.servers ?? [];
    state.policies = policies;
    state.volumes = volumes?.volumes ?? [];
    state.plans = plans?.plans ?? [];
    state.log = [...(log?.assignments ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1));
    await Promise.all(
      state.volumes.slice(0, 24).map(async (volume) => {
        const map = await maybe(`/v1/volumes/${volume.name}/map`);
        if (map) state.maps.set(volume.name, map);
      }),
    );
    drawHealth(cluster);
    drawServers();
    drawLanes();
    drawVolumes();
    drawRepartition();
    drawPolicies();
    drawLog();
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) signIn();
    else at("health").textContent = `The server doesn't answer: ${e.message}`;
  } finally {
    refreshing = false;
  }
}

function signIn() {
  if (at("dialog").open) return;
  const input = make("input", { id: "token", type: "password", autocomplete: "off" });
  ask("Sign in", [make("p", {}, "This cluster asks who you are. Your token stays in this tab."), make("label", { for: "token" }, "Token ", input)], "Sign in", async () => {
    setToken(input.value.trim());
    await get("/v1/load");
    start();
  });
}

let isListening = false;

async function start() {
  await refresh();
  if (isListening) return;
  isListening = true;
  try {
    const history = await maybe("/v1/load/history?points=300");
    const points = history?.points ?? [];
    let ticks = 0;
    await listen("/v1/events", (name, data) => {
      if (name !== "load") return;
      at("live").dataset.state = "on";
      at("live").textContent = "live";
      state.load = data;
      knowServers(data.servers.map((load) => load.server));
      points.push({ at: data.at, max: data.max, pressures: Object.fromEntries(data.servers.map((load) => [load.server, load.pressure])) });
      if (points.length > 300) points.splice(0, points.length - 300);
      drawSystem(data);
      drawTrend(points);
      drawServers();
      if (ticks++ % 2 === 0) refresh();
    });
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) {
      isListening = false;
      signIn();
      return;
    }
  }
  isListening = false;
  at("live").dataset.state = "off";
  at("live").textContent = "not live";
  setTimeout(start, 2000);
}

const dark = matchMedia("(prefers-color-scheme: dark)");
function theme(value) {
  document.documentElement.dataset.theme = value;
  at("theme").textContent = value === "dark" ? "Light" : "Dark";
}
theme(localStorage.getItem("sandrift.theme") ?? (dark.matches ? "dark" : "light"));
at("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("sandrift.theme", next);
  theme(next);
});
start();
