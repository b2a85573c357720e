// Who distributes clients and how: the master, the intakes and their history, the policies.
import { get, send } from "./api.js";
import { isOperator, on, refresh, state } from "./data.js";
import { ask, at, button, facts, fill, make, named, onAct, time, toast } from "./view.js";

const LINKS = {
  redirect: "tell the initiator where to go (iSCSI login redirection)",
  relay: "carry its connection there",
  auto: "redirect, and relay those that don't follow",
};

/** Policies of classes that volumes have and nobody has set one for, by class. */
const unset = new Map();

async function findUnset() {
  const known = new Set((state.policies?.policies ?? []).map((policy) => policy.serviceClass));
  for (const service of new Set(state.volumes.map((volume) => volume.serviceClass))) {
    if (known.has(service)) unset.delete(service);
    else if (!unset.has(service)) unset.set(service, await get(`/v1/policies/${service}`));
  }
}

const allPolicies = () => [...state.policies.policies, ...unset.values()];

function since(server, kind, service = "") {
  const change = state.designations.find((each) => each.kind === kind && each.serviceClass === service && each.to === server);
  return change ? `, since ${time(change.at)}` : "";
}

function master() {
  const now = state.policies.master;
  return make(
    "p",
    {},
    now ? ["Master: ", named(now.server), ` in epoch ${now.epoch}${since(now.server, "master")}`] : "There is no master now: each server decides by itself on what it has heard.",
  );
}

function card(policy) {
  const kind = state.policies.kinds.find((each) => each.policy === policy.policy);
  const changed = (kind?.parameters ?? []).filter((parameter) => policy.parameters[parameter.name] !== parameter.default);
  return make(
    "article",
    { class: "card", "data-key": policy.serviceClass, "data-class": policy.serviceClass },
    make("header", {}, make("h3", {}, `Class ${policy.serviceClass}`), make("span", { class: "badge role" }, policy.policy)),
    make("p", {}, kind?.sentence ?? ""),
    facts([
      ["Link", `${policy.link}: ${LINKS[policy.link]}`],
      policy.intake ? ["Intake", make("span", {}, named(policy.intake.server), ` in epoch ${policy.intake.epoch}, since ${time(policy.intake.since)}${policy.intake.confirmed ? "" : ", not confirmed by itself yet"}`)] : null,
      changed.length ? ["Set", changed.map((parameter) => `${parameter.name} ${policy.parameters[parameter.name]}`).join(", ")] : null,
    ]),
    isOperator() ? button("Switch policy…", "policy", { service: policy.serviceClass }) : null,
  );
}

function draw() {
  if (state.policies) {
    fill(at("policies"), master(), allPolicies().map(card));
    findUnset().catch(() => {
      // It is asked again with the next lists.
    });
  }
  fill(
    at("designations"),
    state.designations.length
      ? state.designations.map((each) =>
          make(
            "li",
            { "data-key": `${each.at} ${each.kind} ${each.serviceClass}` },
            make("p", {}, make("time", {}, time(each.at)), " ", make("b", {}, each.kind === "intake" ? `intake of ${each.serviceClass}` : "master"), " ", each.from && each.from !== each.to ? [named(each.from), " → "] : null, each.to ? named(each.to) : "nobody"),
            make("p", { class: "soft" }, each.reason),
          ),
        )
      : make("li", { class: "soft" }, "Nobody has become master or intake since these servers started."),
  );
}

onAct("policy", ({ service }) => {
  const now = allPolicies().find((policy) => policy.serviceClass === service);
  const kinds = make("select", { id: "policy-kind" }, state.policies.kinds.map((kind) => make("option", { value: kind.policy, selected: kind.policy === now.policy }, kind.policy)));
  const links = make("select", { id: "policy-link" }, Object.entries(LINKS).map(([link, words]) => make("option", { value: link, selected: link === now.link }, `${link}: ${words}`)));
  const sentence = make("p", { class: "soft" });
  const parameters = make("details", {}, make("summary", {}, "Parameters"), make("div", { class: "fields" }));
  const suit = () => {
    const kind = state.policies.kinds.find((each) => each.policy === kinds.value);
    sentence.textContent = kind.sentence;
    parameters.hidden = !kind.parameters.length;
    parameters.lastElementChild.replaceChildren(
      ...kind.parameters.flatMap((parameter) => {
        const id = `parameter-${parameter.name}`;
        const is = kind.policy === now.policy ? now.parameters[parameter.name] : "";
        return [
          make("label", { for: id }, parameter.name, make("small", {}, `${parameter.sentence} (${parameter.range})`)),
          make("input", { id, name: parameter.name, value: is === parameter.default ? "" : is, placeholder: parameter.default }),
        ];
      }),
    );
  };
  kinds.addEventListener("change", suit);
  suit();
  ask(
    `How are the clients of class ${service} distributed?`,
    [make("div", { class: "fields" }, make("label", { for: "policy-kind" }, "Policy"), kinds, make("span", {}), sentence, make("label", { for: "policy-link" }, "Link"), links), parameters],
    "Switch",
    async () => {
      const set = Object.fromEntries([...parameters.querySelectorAll("input")].filter((input) => input.value.trim()).map((input) => [input.name, input.value.trim()]));
      await send("PUT", `/v1/policies/${service}`, { policy: kinds.value, link: links.value, parameters: set });
      unset.delete(service);
      toast(`${kinds.value} decides for ${service} from now on.`);
      refresh();
    },
  );
});

on("lists", draw);
on("identity", draw);
