import { expect, test } from "vitest";
import { listenFailure, parseListenAddress } from "../../src/http/listen-address.ts";

test.each([
  [":10190", undefined, 10_190],
  ["127.0.0.1:0", "127.0.0.1", 0],
  ["localhost:80", "localhost", 80],
  ["[::]:65535", "::", 65_535],
  ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
])("%s is understood", (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
  "",
  "10190",
  ":",
  ":x",
  ":65536",
  "::1:80",
  "[::1]",
  "[::1]80",
  "a b:80",
  "http://a:80",
])("%j is refused in one sentence", (text) => {
  expect(() => parseListenAddress(text)).toThrow(
    new Error(`cannot listen on "${text}": write it as :10190, 127.0.0.1:10190 or [::1]:10190`),
  );
});

test("a permission that is missing is told with both ways out", () => {
  const denied = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
  expect(listenFailure(":80", denied).message).toBe(
    "cannot listen on :80: permission denied: choose a port above 1023 with --web.listen-address or grant CAP_NET_BIND_SERVICE",
  );
});

test.each([
  ["EADDRINUSE", "the address is in use"],
  ["EADDRNOTAVAIL", "this host does not have this address"],
  ["ENOTFOUND", "the name does not resolve"],
  ["EAI_AGAIN", "the name cannot be looked up"],
])("%s says what is wrong and which flag helps", (code, reason) => {
  const { message } = listenFailure("x:80", Object.assign(new Error("bare"), { code }), "listen");
  expect(message).toContain(`cannot listen on x:80: ${reason}`);
  expect(message).toContain("--listen");
  expect(message).not.toContain("bare");
});
