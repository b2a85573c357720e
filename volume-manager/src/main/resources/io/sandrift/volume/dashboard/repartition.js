// Plans that move partitions: made, looked at, run, and how far they are.
import { send } from "./api.js";
import { isOperator, on, PLAN_UNDER_WAY, refresh, serverIds, state } from "./data.js";
import { ask, at, button, duration, empty, fill, make, many, meter, named, onAct, size, table, time, toast } from "./view.js";

const MOST_SHOWN = 6;

const GOALS = [
  ["capacity", "Even out the space that is used", (goal) => ({ rebalance: "capacity" })],
  ["load", "Even out the load", (goal) => ({ rebalance: "load" })],
  ["add", "Give a server its share", (goal) => ({ add: [goal] })],
  ["remove", "Empty a server of data", (goal) => ({ remove: [goal] })],
];

function underWay(plan) {
  const progress = state.progress?.id === plan.id ? state.progress : plan;
  const done = plan.bytes > 0 ? (progress.bytesMoved ?? 0) / plan.bytes : (progress.movesMade ?? 0) / Math.max(1, plan.moves);
  return [
    meter(done, `progress of ${plan.purpose}`, "tall"),
    make(
      "p",
      {},
      make("b", {}, `${Math.floor(done * 100)} %`),
      `: ${progress.movesMade ?? 0} of ${many(plan.moves, "partition")}, ${size(progress.bytesMoved ?? 0)} of ${size(plan.bytes)}`,
      progress.currentBytesPerSecond ? `, ${size(progress.currentBytesPerSecond)}/s` : "",
      progress.secondsLeft ? `, about ${duration(progress.secondsLeft)} left` : "",
    ),
    make(
      "ul",
      { class: "activity" },
      (progress.servers ?? []).map((report) =>
        make("li", {}, named(report.server), ` ${report.activity}`, report.totalBytes ? `, ${size(report.copiedBytes)} of ${size(report.totalBytes)}` : ""),
      ),
    ),
  ];
}

function buttons(plan) {
  if (!isOperator()) return null;
  const act = (label, what) => button(label, "plan", { plan: plan.id, what });
  if (plan.state === "running") return [act("Pause", "pause"), act("Cancel…", "cancel")];
  if (plan.state === "paused") return [act("Resume", "resume"), act("Cancel…", "cancel")];
  return plan.state === "done" ? [act("Undo…", "undo")] : null;
}

const KIND = { done: "good", failed: "bad", cancelled: "warn", paused: "warn" };

function card(plan) {
  const isUnderWay = PLAN_UNDER_WAY.includes(plan.state);
  return make(
    "article",
    { class: "card", "data-key": plan.id, "data-plan": plan.id },
    make("header", {}, make("h3", {}, `${plan.id}: ${plan.purpose}`), make("span", { class: `badge ${KIND[plan.state] ?? ""}` }, plan.state.replace("-", " "))),
    isUnderWay ? underWay(plan) : make("p", { class: "soft" }, `${many(plan.moves, "partition")}, ${size(plan.bytes)}; by ${plan.by}, ${time(plan.created)}${plan.ended ? ` to ${time(plan.ended)}` : ""}`),
    plan.note ? make("p", {}, plan.note) : null,
    make("div", { class: "row" }, buttons(plan)),
  );
}

function draw() {
  fill(at("repartition-acts"), isOperator() ? button("Plan a repartition…", "make-plan", {}, { class: "primary" }) : null);
  fill(at("plans"), state.plans.length ? state.plans.slice(0, MOST_SHOWN).map(card) : empty("No partition has been moved yet. A plan shows what would move, and what that would change, before anything is done."));
}

// ---- A new plan: what for, then what it comes to, then it runs.

onAct("make-plan", () => {
  const servers = make("select", { id: "plan-server" }, serverIds().map((server) => make("option", { value: server }, server)));
  const goal = make("select", { id: "plan-goal" }, GOALS.map(([value, words]) => make("option", { value }, words)));
  const serverLabel = make("label", { for: "plan-server" }, "Server");
  const rate = make("input", { id: "plan-rate", type: "number", min: "0", step: "1", placeholder: "no limit" });
  const suit = () => (serverLabel.hidden = servers.hidden = !["add", "remove"].includes(goal.value));
  goal.addEventListener("change", suit);
  suit();
  ask(
    "Plan a repartition",
    [
      make("p", { class: "soft" }, "Nothing moves yet: the plan is shown first."),
      make("div", { class: "fields" }, make("label", { for: "plan-goal" }, "What for"), goal, serverLabel, servers, make("label", { for: "plan-rate" }, "At most MiB/s"), rate),
    ],
    "Make the plan",
    async () => {
      const plan = await send("POST", "/v1/repartition/plan", GOALS.find(([value]) => value === goal.value)[2](servers.value));
      show(plan, Math.round(Number(rate.value || 0) * 1048576));
      return true;
    },
  );
});

function show(plan, bytesPerSecond) {
  const { expectedBytesPerSecond, expectedSeconds, ...kept } = plan;
  const percent = (used, capacity) => `${size(used)}${capacity ? ` (${Math.round((used / capacity) * 100)} %)` : ""}`;
  ask(
    `Plan: ${plan.purpose}`,
    plan.moves.length
      ? [
          make("p", {}, `${many(plan.moves.length, "partition")} ${plan.moves.length === 1 ? "moves" : "move"}, ${plan.bytes ? `${size(plan.bytes)} in all (the least possible is ${size(plan.leastBytes)})` : "which hold no data yet"}${expectedSeconds ? `, in about ${duration(expectedSeconds)}` : ""}. Volumes stay mounted and in use.`),
          table(
            ["Server", "Partitions", "after", "Used", "after", "Pressure", "after"],
            plan.servers.map((each) => [named(each.server), each.partitionsBefore, each.partitionsAfter, percent(each.usedBytesBefore, each.capacityBytes), percent(each.usedBytesAfter, each.capacityBytes), each.pressureBefore.toFixed(2), each.pressureAfter.toFixed(2)]),
            [1, 2, 3, 4, 5, 6],
          ),
          make("details", {}, make("summary", {}, "Every move"), table(["Volume", "Partition", "From", "To", "Bytes"], plan.moves.map((move) => [move.volume, move.partition, named(move.from), named(move.to), size(move.bytes)]), [1, 4])),
        ]
      : [make("p", {}, "Nothing needs to move: it is as even as it can be.")],
    "Run it",
    plan.moves.length
      ? async () => {
          await send("POST", "/v1/repartition/plans", { plan: kept, bytesPerSecond });
          toast("The plan runs.");
          refresh();
        }
      : null,
  );
}

const QUESTIONS = {
  pause: (id) => [`Pause plan ${id}?`, "The copy under way is broken off; what has moved stays where it is.", "Pause"],
  resume: (id) => [`Resume plan ${id}?`, "It goes on with the next partition.", "Resume"],
  cancel: (id) => [`Cancel plan ${id}?`, "The partitions that have moved go back, unless you keep them where they are.", "Cancel the plan"],
  undo: (id) => [`Undo plan ${id}?`, "A new plan moves every partition back to where it was.", "Undo"],
};

onAct("plan", ({ plan, what }) => {
  const [title, words, label] = QUESTIONS[what](plan);
  const keep = make("input", { id: "plan-keep", type: "checkbox" });
  ask(title, [make("p", {}, words), what === "cancel" ? make("label", { for: "plan-keep" }, keep, " keep what has moved where it is") : null], label, async () => {
    await send("POST", `/v1/repartition/plans/${plan}/${what}${keep.checked ? "?keep=true" : ""}`);
    refresh();
  });
});

on("lists", draw);
on("identity", draw);
