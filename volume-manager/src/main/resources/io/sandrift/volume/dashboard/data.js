// What the page knows, and how it comes to know it.
import { ApiError, get, listen } from "./api.js";
import { at, knowServers } from "./view.js";

const MAX_POINTS = 600;
const MAX_MAPS = 24;

/** A hidden page asks for nothing; a visible one this often, and after each thing that it did. */
const REFRESH_MILLIS = 2000;

export const state = {
  me: null,
  load: null,
  /** One each second, the oldest first. */
  points: [],
  cluster: null,
  sessions: [],
  volumes: [],
  /** By volume. */
  maps: new Map(),
  plans: [],
  /** Of the plan that runs. */
  progress: null,
  policies: null,
  designations: [],
  log: [],
  /** What can't be asked now, and why. */
  troubles: new Map(),
  /** Since when the stream has not flowed, and when it is tried again. */
  silentSince: null,
  retryAt: 0,
};

const drawers = { load: [], lists: [], connection: [], identity: [] };

/** Has something redrawn when the load, the lists, the connection or who is signed in has changed. */
export function on(what, draw) {
  drawers[what].push(draw);
}

const tell = (what) => drawers[what].forEach((draw) => draw());

export const isOperator = () => state.me !== null && state.me.role !== "viewer";

/** Servers that are known by any way, by id. */
export function serverIds() {
  const ids = new Set((state.load?.servers ?? []).map((load) => load.server));
  for (const server of state.cluster?.servers ?? []) ids.add(server.id);
  return [...ids].sort();
}

export const PLAN_UNDER_WAY = ["running", "paused", "going-back"];

// ---- Lists.

let refreshing = null;

/** Asks for all lists anew, and draws them. A list that can't be had keeps what it was, and says why. */
export function refresh() {
  refreshing ??= askForAll().finally(() => (refreshing = null));
  return refreshing;
}

async function askForAll() {
  const part = async (name, path, take) => {
    try {
      take(await get(path));
      state.troubles.delete(name);
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) throw e;
      state.troubles.set(name, e instanceof ApiError ? e.message : "this server doesn't answer");
    }
  };
  try {
    await Promise.all([
      part("cluster", "/v1/cluster", (answer) => (state.cluster = answer)),
      part("sessions", "/v1/sessions?limit=1000", (answer) => (state.sessions = answer.sessions)),
      part("volumes", "/v1/volumes?limit=1000", (answer) => (state.volumes = answer.volumes)),
      part("plans", "/v1/repartition/plans", (answer) => (state.plans = answer.plans)),
      part("policies", "/v1/policies", (answer) => (state.policies = answer)),
      part("log", "/v1/assignments?limit=200", (answer) => (state.log = answer.assignments)),
      part("designations", "/v1/assignments?designations=true&limit=50", (answer) => (state.designations = answer.assignments)),
    ]);
    const underWay = state.plans.find((plan) => PLAN_UNDER_WAY.includes(plan.state));
    await Promise.all([
      underWay ? part("progress", `/v1/repartition/plans/${underWay.id}`, (answer) => (state.progress = answer)) : (state.progress = null),
      ...state.volumes.slice(0, MAX_MAPS).map((volume) => part("maps", `/v1/volumes/${volume.name}/map`, (map) => state.maps.set(volume.name, map))),
    ]);
  } catch (e) {
    signedOut();
    return;
  }
  knowServers(serverIds());
  tell("lists");
}

// ---- Who is signed in, and the stream.

/** A point of the trend, from the load of one moment. */
const pointOf = (load) => ({
  at: load.at,
  mean: load.mean,
  max: load.max,
  imbalance: load.imbalance,
  servers: Object.fromEntries(
    load.servers
      .filter((server) => server.liveness === "alive")
      .map((server) => [
        server.server,
        {
          pressure: server.pressure,
          parts: server.parts,
          operationsPerSecond: (server.readsPerSecond ?? 0) + (server.writesPerSecond ?? 0),
          bytesPerSecond: (server.readBytesPerSecond ?? 0) + (server.writtenBytesPerSecond ?? 0),
        },
      ]),
  ),
});

function take(load) {
  state.load = load;
  state.silentSince = null;
  knowServers(load.servers.map((server) => server.server));
  const last = state.points.at(-1);
  if (!last || Date.parse(load.at) > Date.parse(last.at)) state.points.push(pointOf(load));
  state.points.splice(0, Math.max(0, state.points.length - MAX_POINTS));
  tell("load");
}

function signedOut() {
  state.me = null;
  tell("identity");
}

let isRunning = false;
let wake = () => {};

/** Tries the stream at once, if it is waiting to be tried again. */
export const tryNow = () => wake();

/** Follows the cluster for as long as the page is open; ends when a token is asked for. */
export async function follow() {
  if (isRunning) return;
  isRunning = true;
  let pause = 1;
  try {
    for (;;) {
      try {
        state.me = await get("/v1/whoami");
        tell("identity");
        await refresh();
        state.points = (await get(`/v1/load/history?points=${MAX_POINTS}`)).points;
        await listen("/v1/events", (name, data) => {
          if (name !== "load") return;
          const wasSilent = state.silentSince !== null;
          pause = 1;
          take(data);
          if (wasSilent) tell("connection");
        });
      } catch (e) {
        if (e instanceof ApiError && e.status === 401) {
          signedOut();
          return;
        }
        console.warn("the stream broke off", e);
      }
      state.silentSince ??= new Date();
      state.retryAt = Date.now() + pause * 1000;
      tell("connection");
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause * 1000);
      });
      pause = Math.min(15, pause * 2);
    }
  } finally {
    isRunning = false;
  }
}

setInterval(() => {
  if (!document.hidden && state.me && state.silentSince === null) refresh();
}, REFRESH_MILLIS);

on("lists", () => {
  for (const line of document.querySelectorAll(".trouble")) {
    const why = state.troubles.get(line.dataset.of);
    line.textContent = why ? `Not up to date: ${why}` : "";
  }
});
