// The page: signing in, the connection, light and dark; each section draws itself.
import { get, hasToken, setToken } from "./api.js";
import { recolour } from "./charts.js";
import { follow, on, state, tryNow } from "./data.js";
import "./load.js";
import "./servers.js";
import "./sessions.js";
import "./volumes.js";
import "./repartition.js";
import "./distribution.js";
import "./log.js";
import { ask, at, button, fill, make, onAct, time } from "./view.js";

// ---- The connection.

function drawLive() {
  const isLive = state.silentSince === null;
  at("live").dataset.state = isLive ? "on" : "off";
  const text = isLive ? "live" : "reconnecting";
  if (at("live").textContent !== text) at("live").textContent = text;
  document.body.classList.toggle("stale", !isLive);
  if (isLive || !state.me) return;
  const others = (state.cluster?.servers ?? []).filter((server) => server.admin && server.id !== state.cluster.answeredBy);
  at("health").dataset.health = "failing";
  at("health-title").textContent = "This server doesn't answer";
  fill(
    at("health-body"),
    make("p", {}, `What you see is from before ${time(state.silentSince)}. It is tried again by itself. `, button("Try now", "try")),
    others.length
      ? make("p", {}, "The other servers have the same page: ", others.flatMap((server, i) => [i ? ", " : null, make("a", { href: `${location.protocol}//${server.admin}/` }, server.id)]))
      : null,
  );
}

onAct("try", () => tryNow());

// ---- Who looks.

function drawIdentity() {
  const { me } = state;
  at("who").textContent = me ? `${me.name} (${me.role})` : "";
  at("sign").hidden = me !== null && !hasToken();
  at("sign").textContent = me ? "Sign out" : "Sign in";
  if (!me) signIn();
}

function signIn() {
  if (at("dialog").open) return;
  at("health").dataset.health = "unknown";
  at("health-title").textContent = "Sign in to see the cluster";
  fill(at("health-body"), make("p", {}, "This cluster asks who you are. An administrator makes users and their tokens with ", make("code", {}, "sandrift user create NAME --role viewer"), "."));
  const input = make("input", { id: "token", type: "password", autocomplete: "current-password", required: true });
  ask(
    "Sign in",
    [make("p", {}, "Your token stays in this tab, and is forgotten when it is closed."), make("div", { class: "fields" }, make("label", { for: "token" }, "Token"), input)],
    "Sign in",
    async () => {
      setToken(input.value.trim());
      try {
        await get("/v1/whoami");
      } catch (e) {
        setToken(null);
        throw e;
      }
      follow();
    },
  );
  input.focus();
}

at("sign").addEventListener("click", () => {
  if (!state.me) return signIn();
  setToken(null);
  location.reload();
});

// ---- Light and dark.

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme(value) {
  document.documentElement.dataset.theme = value;
  at("theme").textContent = value === "dark" ? "Light" : "Dark";
  recolour();
}

theme(localStorage.getItem("sandrift.theme") ?? (dark.matches ? "dark" : "light"));
dark.addEventListener("change", () => localStorage.getItem("sandrift.theme") ?? theme(dark.matches ? "dark" : "light"));
at("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("sandrift.theme", next);
  theme(next);
});

on("load", drawLive);
on("connection", drawLive);
on("identity", drawIdentity);
follow();
