// The assignment log: every decision on who is served where, with what it was taken on.
import { on, state } from "./data.js";
import { at, facts, fill, make, named, shortName, time } from "./view.js";

function row(entry) {
  const numbers = Object.entries(entry.numbers ?? {});
  const cell = (title, ...content) => make("td", { "data-title": title }, make("div", {}, ...content));
  return make(
    "tr",
    { "data-key": `${entry.at} ${entry.kind} ${entry.session} ${entry.serviceClass}` },
    cell("When", make("time", {}, time(entry.at))),
    cell("What", make("span", { class: `badge ${entry.kind === "move-failed" ? "bad" : entry.kind === "move" ? "good" : ""}` }, entry.kind)),
    cell("Client", entry.client ? shortName(entry.client) : entry.serviceClass ? `class ${entry.serviceClass}` : "", entry.volume ? make("small", {}, ` ${entry.volume}`) : null),
    cell("From", entry.from ? named(entry.from) : "–"),
    cell("To", entry.to ? named(entry.to) : "–"),
    cell("Why", numbers.length ? make("details", {}, make("summary", { title: "The numbers it was taken on" }, entry.reason), facts(numbers.map(([name, value]) => [name, Number(value).toFixed(3)]))) : entry.reason),
    cell("By", `${entry.policy} at ${entry.by}`),
  );
}

function draw() {
  const kind = at("log-kind").value;
  const text = at("log-filter").value.trim().toLowerCase();
  const found = state.log.filter(
    (entry) => (!kind || entry.kind === kind) && (!text || [entry.client, entry.volume, entry.from, entry.to, entry.reason, entry.policy].some((part) => part.toLowerCase().includes(text))),
  );
  const words = state.log.length ? "No entry is like that." : "Nothing has been decided yet: the first login will be the first entry.";
  fill(at("log-rows"), found.length ? found.map(row) : make("tr", {}, make("td", { colspan: "7", class: "soft" }, words)));
}

at("log-kind").addEventListener("change", draw);
at("log-filter").addEventListener("input", draw);
on("lists", draw);
