// Volumes, and their partitions over the servers.
import { get } from "./api.js";
import { on, state } from "./data.js";
import { ask, at, button, colourOf, count, dot, duration, empty, facts, fill, flying, make, many, meter, named, onAct, size, table, time } from "./view.js";

const MOST_VOLUMES = 24;
const MOST_HOT = 6;

/** Partitions that a plan under way has yet to move, by volume: partition → destination. */
function planned(volume) {
  const moves = state.progress?.plan?.moves ?? [];
  return new Map(moves.filter((move) => move.volume === volume).map((move) => [move.partition, move]));
}

function cell(volume, partition, leaving) {
  const isLeaving = leaving && leaving.from === partition.server;
  return make("i", {
    class: `cell${isLeaving ? " leaving" : ""}`,
    style: { background: colourOf(partition.server) },
    "data-key": `${volume} ${partition.partition}`,
    "data-place": partition.server,
    title: `partition ${partition.partition} at ${partition.server}${isLeaving ? `, to go to ${leaving.to}` : ""}`,
  });
}

function mapOf(volume) {
  const map = state.maps.get(volume.name);
  if (!map) return make("p", { class: "soft" }, "Its partitions are not placed yet.");
  const leaving = planned(volume.name);
  const servers = [...new Set(map.partitions.map((partition) => partition.server))].sort();
  return make(
    "ul",
    { class: "map", "aria-label": `Partitions of ${volume.name}` },
    servers.map((server) => {
      const here = map.partitions.filter((partition) => partition.server === server);
      const about = map.servers.find((each) => each.server === server);
      return make(
        "li",
        { "data-key": server },
        make("span", {}, dot(server), server),
        make("span", { class: "cells", "aria-hidden": "true" }, here.map((partition) => cell(volume.name, partition, leaving.get(partition.partition)))),
        make("span", { class: "number" }, `${here.length}`, make("span", { class: "hidden" }, " partitions, "), make("small", {}, about?.missing ? " silent" : ` ${size(about?.allocatedBytes ?? 0)}`)),
      );
    }),
  );
}

function card(volume) {
  return make(
    "article",
    { class: "card volume", "data-key": volume.name, "data-volume": volume.name },
    make(
      "div",
      {},
      make("header", {}, make("h3", {}, volume.name), make("span", { class: `badge ${volume.online ? "good" : "warn"}` }, volume.online ? "online" : "coming online")),
      make("p", { class: "big" }, make("b", {}, size(volume.allocatedBytes)), ` used of ${size(volume.sizeBytes)}`),
      meter(volume.allocatedBytes / volume.sizeBytes, `used of ${volume.name}`),
      facts([
        ["Sessions", String(volume.sessions)],
        ["Class", volume.serviceClass],
        ["Served without a hop", volume.sessions && volume.localShare != null ? `${Math.round(volume.localShare * 100)} %` : "–"],
        ["Not counted", volume.missing],
      ]),
      button("Details", "volume", { volume: volume.name }),
    ),
    mapOf(volume),
  );
}

function draw() {
  if (!state.volumes.length) {
    if (!state.troubles.has("volumes")) {
      fill(at("volume-list"), empty("There is no volume yet. Make one, and say who may mount it:", "sandrift volume create NAME --size 10GiB\nsandrift access allow NAME --initiator IQN"));
    }
    return;
  }
  flying(at("volume-list"), () =>
    fill(
      at("volume-list"),
      state.volumes.slice(0, MOST_VOLUMES).map(card),
      state.volumes.length > MOST_VOLUMES ? make("p", { class: "soft" }, `and ${state.volumes.length - MOST_VOLUMES} more; 'sandrift volume list' has them all`) : null,
    ),
  );
}

onAct("volume", async ({ volume: name }) => {
  const [volume, map, load] = await Promise.all([get(`/v1/volumes/${name}`), get(`/v1/volumes/${name}/map`).catch(() => null), get(`/v1/volumes/${name}/load`).catch(() => null)]);
  const hot = (load?.partitions ?? [])
    .filter((partition) => partition.operationsPerSecond > 0)
    .sort((a, b) => b.operationsPerSecond - a.operationsPerSecond)
    .slice(0, MOST_HOT);
  ask(
    volume.name,
    [
      facts([
        ["Size", size(volume.sizeBytes)],
        ["Used", size(volume.allocatedBytes)],
        ["Class", volume.serviceClass],
        ["Blocks", size(volume.blockBytes)],
        ["Striped", `${size(volume.stripeUnitBytes)} over ${many(volume.partitions, "partition")}`],
        ["Sessions", String(volume.sessions)],
        ["Made", `${time(volume.created)}, ${duration((Date.now() - Date.parse(volume.created)) / 1000)} ago`],
        ["Target", volume.target],
      ]),
      make("h3", {}, "To mount it"),
      make("pre", {}, volume.urls.join("\n") || "It isn't online at this server yet."),
      map ? [make("h3", {}, "Where its partitions are"), table(["Server", "Partitions", "Used"], map.servers.map((each) => [named(each.server), each.partitions, each.missing ?? size(each.allocatedBytes)]), [1, 2])] : null,
      hot.length
        ? [make("h3", {}, "Its busiest partitions"), table(["Partition", "Server", "Commands/s", "Bytes/s"], hot.map((each) => [each.partition, named(each.server), count(each.operationsPerSecond), `${size(each.bytesPerSecond)}/s`]), [0, 2, 3])]
        : null,
    ],
    "",
    null,
  );
});

on("lists", draw);
