import type { AlertStack, SentAlert } from "../../test/lab/alert-stack.ts";
import type { Screen } from "./screen.ts";

/** Shows what Alertmanager sends to whoever is on call. */
export class Pager {
  readonly #stack: AlertStack;
  readonly #screen: Screen;
  #shown = 0;

  constructor(stack: AlertStack, screen: Screen) {
    this.#stack = stack;
    this.#screen = screen;
  }

  /** Shows the messages that have come since the last look. */
  look(): void {
    const messages = this.#stack.messages;
    for (const { alerts } of messages.slice(this.#shown)) {
      for (const alert of alerts) this.#show(alert);
    }
    this.#shown = messages.length;
  }

  #show({ status, labels, annotations }: SentAlert): void {
    const { alertname = "", severity = "", path } = labels;
    const about = path === undefined ? "" : `, path ${path}`;
    this.#screen.say(`\nAlertmanager sends: ${alertname} is ${status} (${severity}${about})`);
    if (status === "resolved") return;
    for (const line of (annotations["description"] ?? "").split("\n")) {
      this.#screen.say(`  | ${line}`);
    }
  }
}
