// Who is served where, who moves and why.
import { get, send } from "./api.js";
import { isOperator, on, refresh, serverIds, state } from "./data.js";
import { ask, at, button, count, dot, duration, empty, facts, fill, flying, make, many, named, onAct, shortName, size, time, toast } from "./view.js";

/** A lane with more marks than this is a wall; the filter finds the others. */
const MOST_MARKS = 60;
const MOST_MOVES = 8;
const FRESH_MILLIS = 15000;

const filter = () => at("session-filter").value.trim().toLowerCase();
const isFound = (session) => !filter() || [session.client, session.volume, session.address].some((text) => text.toLowerCase().includes(filter()));

function mark(session, hasManyVolumes) {
  return make(
    "li",
    {},
    button(
      [shortName(session.client), hasManyVolumes ? make("small", {}, ` ${session.volume}`) : null, session.movingTo ? ` → ${session.movingTo}` : null],
      "session",
      { session: session.id },
      {
        class: `chip${session.movingTo ? " moving" : ""}`,
        "data-place": session.server,
        title: `${session.client} on ${session.volume}${session.movingTo ? `, moving to ${session.movingTo}` : ""}`,
      },
    ),
  );
}

function lane(server) {
  const here = state.sessions.filter((session) => session.server === server);
  const found = here.filter(isFound).sort((a, b) => (a.client < b.client ? -1 : 1));
  const load = state.load?.servers.find((each) => each.server === server);
  const hasManyVolumes = state.volumes.length > 1;
  return make(
    "div",
    { class: `lane${load?.draining ? " draining" : ""}`, "data-server": server, "data-key": server },
    make("h3", {}, dot(server), `${server}: ${filter() ? `${found.length} of ` : ""}${here.length}`, load ? make("small", {}, ` pressure ${load.pressure.toFixed(2)}`) : null),
    make("ul", { class: "chips", "aria-label": `Sessions at ${server}` }, found.slice(0, MOST_MARKS).map((session) => mark(session, hasManyVolumes))),
    found.length > MOST_MARKS ? make("p", { class: "soft small" }, `and ${found.length - MOST_MARKS} more: the filter finds them`) : null,
    found.length ? null : make("p", { class: "soft small" }, load?.draining ? "drained" : "nobody"),
  );
}

function drawLanes() {
  const servers = [...new Set([...serverIds(), ...state.sessions.map((session) => session.server)])].sort();
  if (!state.sessions.length && !state.troubles.has("sessions")) {
    const portal = state.cluster?.servers.find((server) => server.portals?.length)?.portals[0] ?? "HOST:3260";
    fill(at("lanes"), empty("Nobody has mounted a volume yet. From Linux, as root:", `iscsiadm -m discovery -t sendtargets -p ${portal}\niscsiadm -m node --login`));
    return;
  }
  const flown = flying(at("lanes"), () => fill(at("lanes"), servers.map(lane)));
  for (const chip of flown) {
    const session = state.sessions.find((each) => each.id === chip.dataset.session);
    if (session?.why?.kind === "move") chip.title += `. ${session.why.reason}`;
  }
}

function drawMoves() {
  const moves = state.log.filter((entry) => entry.kind === "move" || entry.kind === "move-failed").slice(0, MOST_MOVES);
  fill(
    at("moves"),
    moves.length
      ? moves.map((move) =>
          make(
            "li",
            { "data-key": `${move.at} ${move.session}`, class: `${Date.now() - Date.parse(move.at) < FRESH_MILLIS ? "fresh" : ""}${move.kind === "move-failed" ? " failed" : ""}` },
            make("p", {}, make("time", {}, time(move.at)), " ", make("b", {}, shortName(move.client)), " ", named(move.from), " → ", named(move.to), move.kind === "move-failed" ? " failed" : ""),
            make("p", { class: "soft" }, move.reason),
          ),
        )
      : make("li", { class: "soft" }, "Nobody has been moved yet."),
  );
}

// ---- One session.

function decision(entry) {
  const numbers = Object.entries(entry.numbers ?? {});
  return make(
    "li",
    {},
    make("p", {}, make("time", {}, time(entry.at)), " ", make("b", {}, entry.kind), entry.to ? [entry.from ? [" ", named(entry.from), " →"] : null, " ", named(entry.to)].flat() : null, make("span", { class: "soft" }, ` by ${entry.policy}`)),
    make("p", {}, entry.reason),
    numbers.length ? make("details", {}, make("summary", {}, "The numbers it was taken on"), facts(numbers.map(([name, value]) => [name, Number(value).toFixed(3)]))) : null,
  );
}

onAct("session", async ({ session: id }) => {
  const session = await get(`/v1/sessions/${id}`);
  const others = (state.load?.servers ?? []).filter((each) => each.server !== session.server && each.liveness === "alive");
  const select = make(
    "select",
    { id: "move-to" },
    others
      .sort((a, b) => a.pressure - b.pressure)
      .map((each) => make("option", { value: each.server }, `${each.server} (pressure ${each.pressure.toFixed(2)}, ${many(each.sessions, "session")}${each.draining ? ", draining" : ""})`)),
  );
  const reason = make("input", { id: "move-reason", maxlength: "200", placeholder: "asked for on the dashboard" });
  const mayMove = isOperator() && others.length > 0;
  ask(
    `${shortName(session.client)} on ${session.volume}`,
    [
      facts([
        ["Client", session.client],
        ["Address", session.address],
        ["Volume", `${session.volume} (${session.serviceClass})`],
        ["Served by", named(session.server)],
        ["Since", `${time(session.since)}, for ${duration((Date.now() - Date.parse(session.since)) / 1000)}`],
        ["Commands", count(session.commands)],
        ["Read, written", `${size(session.bytesRead)}, ${size(session.bytesWritten)}`],
        ["Moving to", session.movingTo],
      ]),
      make("h3", {}, "Why it is here"),
      make("ol", { class: "moves" }, session.decisions?.length ? session.decisions.slice(0, 12).map(decision) : make("li", {}, "It was served where it arrived.")),
      mayMove
        ? make("div", { class: "fields" }, make("label", { for: "move-to" }, "Move it to"), select, make("label", { for: "move-reason" }, "because"), reason)
        : make("p", { class: "soft" }, others.length ? "Your role may look, and not move it." : "There is no other server that it could move to."),
    ],
    "Move",
    mayMove
      ? async () => {
          const to = select.value;
          await send("POST", `/v1/sessions/${session.id}/move`, { to, reason: reason.value.trim() || reason.placeholder });
          toast(`${shortName(session.client)} has moved to ${to}.`);
          refresh();
        }
      : null,
  );
});

at("session-filter").addEventListener("input", drawLanes);
on("lists", drawLanes);
on("lists", drawMoves);
