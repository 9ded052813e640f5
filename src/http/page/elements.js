// Elements of the page. Everything that came from outside goes in as text, never as markup.
import { readable } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Sets attributes and adds children.
 * @param {Element} made
 * @param {Record<string, unknown>} attributes functions become listeners (`onclick`), false, null and undefined are
 * left out, true is the empty text
 * @param {readonly (Node | string | number | null | undefined)[]} children
 */
function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, readable(String(value)));
  }
  for (const child of children) {
    if (child == null) continue;
    made.append(child instanceof Node ? child : readable(String(child)));
  }
  return made;
}

/** Makes an HTML element. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Puts new children into a place; whatever had the focus gets it back, found by its data-key. */
export function replace(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.getAttribute("data-key");
  place.replaceChildren(...children.filter((child) => child != null));
  if (focused === null || place.contains(document.activeElement)) return;
  const again = key == null ? null : place.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (again ?? (place.contains(focused) ? focused : null))?.focus({ preventScroll: true });
}

/**
 * Lets the arrow keys move the focus within a group that is one stop of the Tab key.
 * @param {Element} group
 * @param {(from: Element, key: string) => Element | null | undefined} next where an arrow key leads
 */
export function moveByArrows(group, next) {
  group.addEventListener("keydown", (event) => {
    if (!/^(?:Arrow|Home$|End$)/.test(event.key)) return;
    const from = event.target.closest?.("[data-key]");
    const to = from && next(from, event.key);
    if (to == null) return;
    event.preventDefault();
    from.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  });
}
