// Suspects in sentences, with their reasons and alternatives.
import { element } from "./elements.js";
import { percent } from "./text.js";

const SEGMENTS = {
  forward: "on the way there",
  return: "on the way back",
  return_or_endpoint: "on the way back, or at the target itself",
};

/** The place of a suspect in words. */
export function placeWords({ from, to, place, name, segment }) {
  const start = from ?? "this exporter";
  if (place === "router") return `The router ${name ?? to ?? start}`;
  if (place === "bundle") return `A member of the link from ${start} to ${to ?? "the next hop"}`;
  if (place === "beyond" || (to === null && segment === "forward")) {
    return `Something behind ${start}, before the next hop that answers,`;
  }
  if (place === "endpoint") return `The target ${to ?? name ?? ""}`.trim();
  if (place === "source") return "This host";
  if (place === "return" || segment === "return") return "The way back from the target";
  if (segment === "return_or_endpoint") return `What lies behind ${start}`;
  return `The link from ${start} to ${to}`;
}

/** One sentence that says what a suspect is. */
export function suspectSentence(suspect) {
  const { loss_ratio: loss, segment } = suspect;
  const what =
    loss >= 0.995
      ? "drops every packet of the flows it hits"
      : `loses ${percent(loss)} of the packets`;
  const where = segment === "forward" ? "" : ` (${SEGMENTS[segment] ?? segment})`;
  return `${placeWords(suspect)} ${what}${where}.`;
}

function capital(sentence) {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function withoutCapital(words) {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** The list of suspects; nothing where there are none. */
export function suspectList({ suspects }) {
  if (suspects.length === 0) return null;
  return element(
    "ul",
    { class: "suspects" },
    ...suspects.map((suspect) => {
      const others = suspect.alternatives ?? [];
      return element(
        "li",
        {},
        element("strong", {}, suspectSentence(suspect)),
        ` Confidence ${percent(suspect.confidence)}. `,
        element("span", { class: "reason" }, capital(suspect.reason)),
        others.length === 0
          ? null
          : element(
              "p",
              {},
              "What the evidence does not rule out: ",
              others
                .map((other) => withoutCapital(placeWords({ segment: suspect.segment, ...other })))
                .join("; "),
              ".",
            ),
      );
    }),
  );
}
