// Pressure of each server over time, and the system's imbalance, as one SVG.
import { colourOf, dot, fill, make } from "./view.js";

const WIDTH = 600;
const HEIGHT = 170;
const LEFT = 30;
const BOTTOM = 18;
const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

export function drawTrend(points) {
  const chart = document.getElementById("trend");
  const legend = document.getElementById("legend");
  if (points.length < 2) {
    fill(chart, [make("p", { class: "soft" }, "Not enough samples yet.")]);
    return;
  }
  const servers = [...new Set(points.flatMap((point) => Object.keys(point.pressures)))].sort();
  const top = Math.max(0.2, ...points.map((point) => point.max)) * 1.1;
  const first = Date.parse(points[0].at);
  const span = Math.max(1, Date.parse(points.at(-1).at) - first);
  const x = (at) => LEFT + ((Date.parse(at) - first) / span) * (WIDTH - LEFT - 4);
  const y = (value) => HEIGHT - BOTTOM - (Math.min(value, top) / top) * (HEIGHT - BOTTOM - 6);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" });
  picture.append(svg("title", {}, `Pressure of ${servers.length} servers over the last ${Math.round(span / 1000)} seconds`));
  for (const value of [0, top / 2, top]) {
    picture.append(svg("line", { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }));
    picture.append(svg("text", { x: 0, y: y(value) + 4 }, value.toFixed(2)));
  }
  picture.append(svg("text", { x: LEFT, y: HEIGHT - 3 }, `${Math.round(span / 1000)} s ago`));
  picture.append(svg("text", { x: WIDTH - 24, y: HEIGHT - 3 }, "now"));
  for (const server of servers) {
    const path = points
      .filter((point) => point.pressures[server] !== undefined)
      .map((point, i) => `${i ? "L" : "M"}${x(point.at).toFixed(1)} ${y(point.pressures[server]).toFixed(1)}`)
      .join("");
    picture.append(svg("path", { d: path, fill: "none", stroke: colourOf(server), "stroke-width": 2, "vector-effect": "non-scaling-stroke" }));
  }
  chart.replaceChildren(picture);
  fill(legend, [...servers.map((server) => make("span", {}, dot(server), server)), make("span", {}, "pressure: 0 idle, 1 saturated")]);
}
