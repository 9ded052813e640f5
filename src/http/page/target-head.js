// The head of a target's page: verdict, reason, what to do, numbers.
import { element } from "./elements.js";
import { nextStep } from "./next-step.js";
import { targetFacts } from "./target-facts.js";
import { endpoint, verdictOf } from "./text.js";

/** Everything that the head depends on. */
export function headWords(target) {
  const { name, verdict, reason } = target;
  return [name, verdict, reason, targetFacts(target), nextStep(target)];
}

/** The head. @param {(name: string) => Element} section where commands and ticket stand */
export function targetHead(target, section) {
  const { name, protocol, verdict, reason, labels } = target;
  const { words, sign, level } = verdictOf(verdict);
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [
    element("h1", { tabindex: -1 }, name),
    element("p", { class: "more" }, [protocol, endpoint(target), ...pairs].join(" ")),
    element(
      "p",
      { class: "sentence" },
      element(
        "span",
        { class: `verdict ${level}` },
        element("span", { class: "sign", "aria-hidden": "true" }, sign),
        words,
      ),
      ` ${reason}`,
    ),
    whatToDo(target, section),
    element(
      "dl",
      { class: "facts" },
      ...targetFacts(target).map(([term, value]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, value)),
      ),
    ),
  ];
}

/** The next step, and the way to what it takes, which stands far below. */
function whatToDo(target, section) {
  const step = nextStep(target);
  if (step === undefined) return null;
  const jump = (name, words) =>
    element(
      "button",
      {
        type: "button",
        "data-key": `to ${name}`,
        onclick: () => section(name).scrollIntoView({ block: "start" }),
      },
      words,
    );
  return element(
    "p",
    { class: "next" },
    element("strong", {}, "What to do: "),
    step,
    target.reproduce.failing.length > 0 ? jump("commands", "See it by hand") : null,
    target.ticket ? jump("ticket", "Text for the network team") : null,
  );
}
