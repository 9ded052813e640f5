// A text with a button that copies it.
import { element } from "./elements.js";
import { readable } from "./text.js";

/** Copies a text; the clipboard's interface exists in secure contexts only, and this page is often served without TLS. */
async function copy(text) {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = element("textarea", { class: "offscreen", "aria-hidden": "true", tabindex: -1 });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let the page copy");
}

/** A preformatted text with its copy button. @param {string} name what the button says it copies */
export function copyable(text, name) {
  const status = element("span", { role: "status", class: "copied" });
  const button = element(
    "button",
    {
      type: "button",
      "data-key": `copy ${name} ${text.slice(0, 80)}`,
      "aria-label": `Copy ${name}`,
      onclick: async () => {
        try {
          await copy(readable(text));
          status.textContent = "Copied";
        } catch {
          status.textContent = "Select the text and copy it by hand";
        }
      },
    },
    "Copy",
  );
  const shown = element("pre", { tabindex: 0, role: "region", "aria-label": name }, text);
  return element("div", { class: "copyable" }, shown, button, status);
}
