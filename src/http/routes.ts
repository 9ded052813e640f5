import type { IncomingMessage, ServerResponse } from "node:http";
import { jsonReply, type Reply, textReply } from "./reply.ts";
import type { MetricsSource, Scrapes } from "./scrapes.ts";
import { PAGE_POLICY, readPage } from "./static-page.ts";
import { isTelemetryPath } from "./telemetry-path.ts";

/** What a reload came to. */
export type ReloadResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Which events are asked for: those behind an id; where a target is given, its own and the exporter's. */
export interface EventQuery {
  readonly since: number;
  readonly target?: string;
}

/** Everything that is shown, handed down as functions so that nothing is kept here. */
export interface RouteParts {
  /** Path of the metrics, `/metrics`; with `/` they take the place of the page. */
  readonly telemetryPath: string;
  readonly metrics: MetricsSource;
  /** Whether sockets are open and a configuration is active; no answer where the loop does not turn. */
  readonly ready: () => boolean | Promise<boolean>;
  readonly reload: () => Promise<ReloadResult>;
  /** The active configuration as YAML, secrets masked. */
  readonly configText: () => string | Promise<string>;
  /** Values to be sent as JSON, or promises of them; undefined for a target that does not exist. */
  readonly api: {
    /** What concerns the exporter as a whole. */
    status(): unknown;
    /** A few numbers a target. */
    summary(): unknown;
    targets(): unknown;
    target(name: string): unknown | undefined;
    /** The last hour of a target that is probed. */
    history(name: string): unknown | undefined;
    events(query: EventQuery): unknown;
  };
}

/** A path and what answers there. What `handle` throws becomes 500. */
export interface Route {
  readonly methods: readonly ("GET" | "POST" | "PUT")[];
  /** Whole path without query; one that ends in `/*` stands for every path with that beginning. */
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse): Reply | Promise<Reply>;
}

const STATUS = "/api/v1/status";
const SUMMARY = "/api/v1/summary";
const TARGETS = "/api/v1/targets";
const HISTORY = "/api/v1/history";
const EVENTS = "/api/v1/events";

/** The name in the path of one target: everything after the prefix, slashes included, decoded. */
function targetName(url: string, prefix: string): string | undefined {
  const path = url.split("?", 1)[0] ?? "";
  try {
    return decodeURIComponent(path.slice(prefix.length + 1));
  } catch {
    return undefined;
  }
}

function scrapeRoute(path: string, scrapes: Scrapes): Route {
  return {
    methods: ["GET"],
    path,
    handle(request, response) {
      if (!scrapes.enter(response)) {
        return textReply(503, "Too many scrapes at once: try again later.");
      }
      const encodings = request.headers["accept-encoding"];
      return scrapes.answer(request.headers.accept, encodings?.toString());
    },
  };
}

function pageRoutes(telemetryPath: string): Route[] {
  return [...readPage(telemetryPath)].map(([path, { contentType, body }]) => ({
    methods: ["GET"],
    path,
    handle(_request, response): Reply {
      const headers = { "content-type": contentType, "cache-control": "no-cache" };
      // The web configuration may have set a policy of the user's own.
      const own = response.hasHeader("content-security-policy");
      const policy: Record<string, string> = own ? {} : { "content-security-policy": PAGE_POLICY };
      return { status: 200, headers: { ...headers, ...policy }, body };
    },
  }));
}

/** @param turns resolves as soon as the loop of the process turns */
function healthyRoute(turns: () => unknown): Route {
  return {
    methods: ["GET"],
    path: "/-/healthy",
    async handle() {
      await turns();
      return textReply(200, "ecmp-exporter is healthy.");
    },
  };
}

function lifecycleRoutes(parts: RouteParts): Route[] {
  return [
    healthyRoute(parts.ready),
    {
      methods: ["GET"],
      path: "/-/ready",
      handle: async () =>
        (await parts.ready())
          ? textReply(200, "ecmp-exporter is ready.")
          : textReply(503, "ecmp-exporter is not ready: no sockets or no configuration yet."),
    },
    {
      methods: ["POST", "PUT"],
      path: "/-/reload",
      async handle() {
        const result = await parts.reload();
        return result.ok
          ? textReply(200, "The configuration was reloaded.")
          : textReply(500, result.message);
      },
    },
    {
      methods: ["GET"],
      path: "/config",
      handle: async () => ({
        status: 200,
        headers: { "content-type": "text/yaml; charset=utf-8" },
        body: await parts.configText(),
      }),
    },
  ];
}

/** What is known of one target, its name behind the prefix. */
function ofTarget(prefix: string, find: (name: string) => unknown | undefined): Route {
  return {
    methods: ["GET"],
    path: `${prefix}/*`,
    async handle(request) {
      const name = targetName(request.url ?? "", prefix);
      const found = name === undefined ? undefined : await find(name);
      return found === undefined
        ? jsonReply(404, { error: `there is no target named ${JSON.stringify(name ?? "")}` })
        : jsonReply(200, found);
    },
  };
}

/** Events behind `?since=ID`, all that are kept without it; with `?target=NAME` that target's and the exporter's own. */
async function eventsReply(api: RouteParts["api"], url: string): Promise<Reply> {
  const query = new URLSearchParams(url.split("?").slice(1).join("?"));
  const since = query.get("since") ?? "0";
  if (!/^\d{1,15}$/.test(since)) {
    return jsonReply(400, {
      error: `since must be the id of an event, a whole number, not "${since}"`,
    });
  }
  const target = query.get("target");
  return jsonReply(
    200,
    await api.events({ since: Number(since), ...(target !== null && { target }) }),
  );
}

function targetRoutes(api: RouteParts["api"]): Route[] {
  return [
    { methods: ["GET"], path: STATUS, handle: async () => jsonReply(200, await api.status()) },
    { methods: ["GET"], path: SUMMARY, handle: async () => jsonReply(200, await api.summary()) },
    { methods: ["GET"], path: TARGETS, handle: async () => jsonReply(200, await api.targets()) },
    { methods: ["GET"], path: EVENTS, handle: ({ url }) => eventsReply(api, url ?? "") },
    ofTarget(TARGETS, (name) => api.target(name)),
    ofTarget(HISTORY, (name) => api.history(name)),
  ];
}

/**
 * Every route there is, no path twice.
 * @throws Error with one sentence if the metrics cannot be had at the path that is wanted for them
 */
export function buildRoutes(parts: RouteParts, scrapes: Scrapes): readonly Route[] {
  const path = parts.telemetryPath;
  const pages = pageRoutes(path).filter((route) => route.path !== "/" || path !== "/");
  const fixed = [...pages, ...lifecycleRoutes(parts), ...targetRoutes(parts.api)];
  if (
    !isTelemetryPath(path) ||
    (path !== "/" && fixed.some((route) => route.path === path)) ||
    [TARGETS, HISTORY].some((prefix) => path.startsWith(`${prefix}/`))
  ) {
    throw unservable(path);
  }
  return [scrapeRoute(path, scrapes), ...fixed];
}

/** The routes of a reflector: it has neither targets nor a configuration, and answers from the moment it listens. */
export function reflectorRoutes(telemetryPath: string, scrapes: Scrapes): readonly Route[] {
  const healthy = healthyRoute(() => true);
  if (!isTelemetryPath(telemetryPath) || telemetryPath === healthy.path)
    throw unservable(telemetryPath);
  return [scrapeRoute(telemetryPath, scrapes), healthy];
}

function unservable(path: string): Error {
  return new Error(
    `cannot serve metrics at "${path}": choose another --web.telemetry-path, such as /metrics`,
  );
}

/** Methods that a path knows; empty for a path that there is not. */
export function allowedMethods(routes: readonly Route[], url: string): readonly string[] {
  const path = url.split("?", 1)[0] ?? "";
  const fits = (route: Route): boolean =>
    route.path.endsWith("/*") ? path.startsWith(route.path.slice(0, -1)) : path === route.path;
  return routes
    .filter(fits)
    .flatMap(({ methods }) =>
      methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])),
    );
}
