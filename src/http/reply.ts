/** A whole response. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A sentence for people and scripts; the line feed is added. */
export function textReply(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return { status, headers: { ...type, ...headers }, body: `${sentence}\n` };
}

/** A value that is JSON already. */
export class JsonText {
  readonly body: string | Buffer;

  constructor(body: string | Buffer) {
    this.body = body;
  }
}

/** A value as JSON. */
export function jsonReply(status: number, value: unknown): Reply {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status, headers, body: value instanceof JsonText ? value.body : JSON.stringify(value) };
}
