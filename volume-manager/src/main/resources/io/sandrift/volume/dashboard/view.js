// Small pieces that every part of the page draws with.

// Told apart by lightness as well as by hue, and readable on both grounds.
const COLOURS = ["#2f7fc1", "#c8641e", "#3f9a63", "#9557b8", "#b3942a", "#c24a72", "#4a9aa8", "#7a7f88", "#7d5a3c"];
const known = [];

/** A server's colour: the same everywhere on the page. */
export function colourOf(server) {
  let index = known.indexOf(server);
  if (index < 0) index = known.push(server) - 1;
  return COLOURS[index % COLOURS.length];
}

/** Servers get their colours in order of their names. */
export function knowServers(servers) {
  [...servers].sort().forEach(colourOf);
}

/** An element: make("p", {class: "soft"}, "text", child …). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (name === "style") Object.assign(element.style, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function dot(server) {
  return make("span", { class: "dot", style: { background: colourOf(server) }, "aria-hidden": "true" });
}

/** Replaces what is in an element, unless it would look the same: focus and selection stay. */
export function fill(element, children) {
  const holder = document.createElement(element.tagName);
  holder.append(...children);
  if (holder.innerHTML === element.innerHTML) return false;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  element.replaceChildren(...holder.childNodes);
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  return true;
}

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function count(value) {
  return value >= 10000 ? `${(value / 1000).toFixed(1)} k` : `${Math.round(value)}`;
}

export function time(instant) {
  return new Date(instant).toLocaleTimeString();
}

/** A bar for a used fraction; more than 1 is full. */
export function meter(fraction, label) {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return make(
    "div",
    { class: "meter", role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": percent },
    make("i", { style: { width: `${percent}%` } }),
  );
}

export function toast(message) {
  const shown = make("div", { class: "toast" }, message);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}

/**
 * Asks before something is done. `act` is called with the dialog open; what it throws is shown there.
 */
export function ask(title, body, okLabel, act) {
  const dialog = document.getElementById("dialog");
  const ok = document.getElementById("dialog-ok");
  const error = document.getElementById("dialog-error");
  document.getElementById("dialog-title").textContent = title;
  document.getElementById("dialog-body").replaceChildren(...body);
  error.textContent = "";
  ok.hidden = !act;
  ok.textContent = okLabel || "OK";
  document.getElementById("dialog-cancel").textContent = act ? "Cancel" : "Close";
  ok.onclick = async (event) => {
    event.preventDefault();
    ok.disabled = true;
    error.textContent = "";
    try {
      await act();
      dialog.close();
    } catch (e) {
      error.textContent = e.message;
    } finally {
      ok.disabled = false;
    }
  };
  if (!dialog.open) dialog.showModal();
}
