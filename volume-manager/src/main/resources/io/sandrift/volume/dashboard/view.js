// Small pieces that every part of the page draws with.

// Told apart by lightness as well as by hue, and readable on both grounds.
const COLOURS = ["#2f7fc1", "#c8641e", "#3f9a63", "#9557b8", "#b3942a", "#c24a72", "#4a9aa8", "#7a7f88", "#7d5a3c"];
const known = [];

export const at = (id) => document.getElementById(id);

/** A server's colour: the same everywhere on the page. */
export function colourOf(server) {
  let index = known.indexOf(server);
  if (index < 0) index = known.push(server) - 1;
  return COLOURS[index % COLOURS.length];
}

// And by their dashes, for those who don't see the hue.
const DASHES = [[], [7, 3], [2, 2], [9, 3, 2, 3]];

/** A server's dashes in charts. */
export function dashOf(server) {
  colourOf(server);
  return DASHES[known.indexOf(server) % DASHES.length];
}

/** Servers get their colours in order of their names. */
export function knowServers(servers) {
  [...servers].sort().forEach(colourOf);
}

/** An element: make("p", {class: "soft"}, "text", child …). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") Object.assign(element.style, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export function dot(server) {
  return make("span", { class: "dot", style: { background: colourOf(server) }, "aria-hidden": "true" });
}

/** A server's name with its colour. */
export const named = (server) => make("span", { class: "named" }, dot(server), server);

/**
 * Makes an element look like these children, and changes nothing but what differs: focus, selection and running
 * transitions stay. Elements with a data-key are found again by it.
 */
export function fill(element, ...children) {
  const wanted = document.createElement(element.tagName);
  wanted.append(...children.flat().filter((child) => child != null && child !== false));
  liken(element, wanted);
}

function liken(element, wanted) {
  const keyed = new Map([...element.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let next = element.firstChild;
  for (const want of [...wanted.childNodes]) {
    const key = want.dataset?.key;
    const have = key ? keyed.get(key) : next?.dataset?.key ? null : next;
    if (have?.nodeName === want.nodeName) {
      if (have === next) next = next.nextSibling;
      else element.insertBefore(have, next);
      if (want.nodeType === Node.TEXT_NODE) {
        if (have.data !== want.data) have.data = want.data;
      } else {
        takeOver(have, want);
        liken(have, want);
      }
    } else {
      element.insertBefore(want, next);
    }
  }
  while (next) {
    const after = next.nextSibling;
    next.remove();
    next = after;
  }
}

function takeOver(have, want) {
  for (const { name, value } of want.attributes) {
    if (name !== "style" && have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  for (const { name } of [...have.attributes]) {
    // Whether it is open is the reader's business.
    if (!want.hasAttribute(name) && name !== "open") have.removeAttribute(name);
  }
  if (have.style.cssText !== want.style.cssText) have.style.cssText = want.style.cssText;
}

/**
 * Redraws, and lets the marks whose data-place has changed fly from where they were.
 *
 * @returns the marks that flew
 */
export function flying(container, redraw) {
  const marks = () => container.querySelectorAll("[data-place]");
  const before = new Map([...marks()].map((mark) => [mark.dataset.key, { place: mark.dataset.place, box: mark.getBoundingClientRect() }]));
  redraw();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const flown = [...marks()].filter((mark) => before.has(mark.dataset.key) && before.get(mark.dataset.key).place !== mark.dataset.place);
  for (const mark of flown) {
    const { box } = before.get(mark.dataset.key);
    const now = mark.getBoundingClientRect();
    mark.classList.add("arrived");
    setTimeout(() => mark.classList.remove("arrived"), 6000);
    if (isCalm) continue;
    mark.animate([{ transform: `translate(${box.x - now.x}px, ${box.y - now.y}px)`, zIndex: 5 }, { transform: "none", zIndex: 5 }], {
      duration: 1100,
      easing: "cubic-bezier(0.3, 0, 0.2, 1)",
    });
  }
  return flown;
}

// ---- What buttons do.

const acts = new Map();

/** What a button of this act does; it is given the button's dataset. */
export function onAct(act, handler) {
  acts.set(act, handler);
}

/** A button: the data say what of. It is found again by act and data when the page is redrawn. */
export function button(label, act, data = {}, more = {}) {
  const attributes = { type: "button", "data-act": act, "data-key": [act, ...Object.values(data)].join(" "), ...more };
  for (const [name, value] of Object.entries(data)) attributes[`data-${name}`] = value;
  return make("button", attributes, label);
}

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-act]");
  if (!pressed || !acts.has(pressed.dataset.act)) return;
  try {
    await acts.get(pressed.dataset.act)(pressed.dataset);
  } catch (e) {
    toast(e.message, "bad");
  }
});

// ---- Numbers and times.

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function count(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value >= 10000 ? `${(value / 1000).toFixed(1)} k` : `${Math.round(value)}`;
}

export const many = (n, one, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;

export function time(instant) {
  const when = new Date(instant);
  const clock = when.toLocaleTimeString([], { hour12: false });
  return when.toDateString() === new Date().toDateString() ? clock : `${when.toLocaleDateString()} ${clock}`;
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

export const micros = (value) => (value >= 1000 ? `${(value / 1000).toFixed(1)} ms` : `${Math.round(value)} µs`);

export const shortName = (client) => client.replace(/^iqn\.[^:]*:/, "");

/** A bar for a used fraction; more than 1 is full. */
export function meter(fraction, label, kind = "") {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return make(
    "div",
    { class: `meter ${kind}`, role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": percent },
    make("i", { style: { width: `${percent}%` } }),
  );
}

/** Names and values. */
export const facts = (pairs) => make("dl", { class: "facts" }, pairs.filter((pair) => pair && pair[1] != null).map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]).flat());

/** A table: titles, and rows of cells. Columns that hold numbers are named by their index. */
export function table(titles, rows, numbers = []) {
  const kind = (i) => (numbers.includes(i) ? { class: "number" } : {});
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, titles.map((title, i) => make("th", { scope: "col", ...kind(i) }, title)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, i) => make("td", kind(i), cell))))),
  );
}

/** What an empty part of the page says: what is missing, and the command that changes it. */
export const empty = (words, command) => make("div", { class: "empty" }, make("p", {}, words), command ? make("pre", {}, command) : null);

export function toast(message, kind = "") {
  const shown = make("div", { class: `toast ${kind}` }, message);
  at("toasts").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 12000 : 6000);
}

/**
 * Asks before something is done. `act` is called with the dialog open; what it throws is shown there. What it returns true
 * for leaves the dialog open: it has asked something else.
 */
export function ask(title, body, okLabel, act) {
  const dialog = at("dialog");
  const ok = at("dialog-ok");
  const error = at("dialog-error");
  at("dialog-title").textContent = title;
  at("dialog-body").replaceChildren(...body.flat().filter((part) => part != null));
  error.textContent = "";
  ok.hidden = !act;
  ok.disabled = false;
  ok.textContent = okLabel;
  at("dialog-cancel").textContent = act ? "Cancel" : "Close";
  at("dialog-cancel").onclick = () => dialog.close();
  ok.onclick = async (event) => {
    event.preventDefault();
    ok.disabled = true;
    ok.textContent = `${okLabel}…`;
    error.textContent = "";
    let isAskingMore = false;
    try {
      isAskingMore = (await act()) === true;
      if (!isAskingMore) dialog.close();
    } catch (e) {
      error.textContent = e.message;
    } finally {
      if (!isAskingMore) {
        ok.disabled = false;
        ok.textContent = okLabel;
      }
    }
  };
  if (!dialog.open) dialog.showModal();
  (at("dialog-body").querySelector("select, input") ?? at("dialog-cancel")).focus();
}
