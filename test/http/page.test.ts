import { afterEach, expect, test, vi } from "vitest";

/** As much of an element as the script uses. */
class FakeElement {
  textContent = "";
  className = "";
  hidden = true;
  children: FakeElement[] = [];
  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }
  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.resetModules();
});

/** Runs the page's script against an answer of the API: the lines of the table, and what stands beside it. */
async function shown(answer: () => Response, rawSockets = true) {
  vi.useFakeTimers();
  const body = new FakeElement();
  const elements: Record<string, FakeElement & { tBodies?: FakeElement[] }> = {
    status: new FakeElement(),
    note: new FakeElement(),
    version: new FakeElement(),
    targets: Object.assign(new FakeElement(), { tBodies: [body] }),
  };
  vi.stubGlobal("document", {
    getElementById: (id: string) => elements[id],
    createElement: () => new FakeElement(),
  });
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    const status = new Response(JSON.stringify({ raw_sockets: rawSockets }));
    return Promise.resolve(path === "api/v1/status" ? status : answer());
  });
  const script = new URL("../../src/http/page/page.js", import.meta.url).href;
  await import(/* @vite-ignore */ script);
  return {
    asked,
    rows: () => body.children.map((row) => row.children.map((cell) => cell.textContent)),
    marks: () => body.children.map((row) => row.className),
    status: () => elements["status"]?.textContent,
    noted: () => elements["note"]?.hidden === false,
    version: () => elements["version"]?.textContent,
  };
}

function flow(state: string, last_hop: string | null) {
  return { state, last_hop };
}

test("the page lists the targets with the last hops of failing flows, the most frequent first, and refreshes", async () => {
  const targets = [
    {
      name: "mysql-vip",
      protocol: "tcp",
      address: "192.0.2.10",
      port: 3306,
      flows: [
        flow("up", "192.0.2.10"),
        flow("failing", "10.0.0.7"),
        flow("failing", "10.0.0.8"),
        flow("failing", "10.0.0.8"),
        flow("failing", null),
      ],
    },
    {
      name: "v6",
      protocol: "udp",
      address: "2001:db8::1",
      port: 53,
      flows: [flow("up", "2001:db8::1")],
    },
    { name: "ping", protocol: "icmp", address: "192.0.2.11", port: 0, flows: [] },
    { name: "unresolved", protocol: "tcp", address: null, port: 80 },
  ];
  const headers = { server: "ecmp-exporter/1.2.3" };
  const page = await shown(() => new Response(JSON.stringify(targets), { headers }));
  expect(page.rows()).toEqual([
    ["mysql-vip", "tcp", "192.0.2.10:3306", "5", "4", "10.0.0.8 (2), 10.0.0.7 (1), unknown (1)"],
    ["v6", "udp", "[2001:db8::1]:53", "1", "0", ""],
    ["ping", "icmp", "192.0.2.11", "0", "0", ""],
    ["unresolved", "tcp", "", "0", "0", ""],
  ]);
  expect(page.marks()).toEqual(["failing", "", "", ""]);
  expect(page.version()).toBe("1.2.3");
  expect(page.status()).toBe("");
  await vi.advanceTimersByTimeAsync(5_000);
  const both = ["api/v1/targets", "api/v1/status"];
  expect(page.asked).toEqual([...both, ...both]);
});

test("an answer that cannot be shown is said, and the next try is made", async () => {
  const page = await shown(() => new Response("", { status: 503 }));
  expect(page.status()).toBe("The targets cannot be shown: the exporter answered 503.");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(page.asked).toHaveLength(2);
});

test("no targets are said to be none", async () => {
  const page = await shown(() => new Response("[]"));
  expect(page.status()).toBe("No targets are configured.");
});

test("an exporter without raw sockets says so, one with them does not", async () => {
  const page = await shown(() => new Response("[]"), false);
  expect(page.noted()).toBe(true);
  vi.resetModules();
  const other = await shown(() => new Response("[]"));
  expect(other.noted()).toBe(false);
});
