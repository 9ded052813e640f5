/** How often the table is brought up to date, in milliseconds. */
const REFRESH_MS = 5_000;

const status = document.getElementById("status");
const table = document.getElementById("targets");
const note = document.getElementById("note");
const version = document.getElementById("version");

function cell(text, isNumber = false) {
  const element = document.createElement("td");
  element.textContent = text;
  if (isNumber) element.className = "number";
  return element;
}

/** An address with its port; IPv6 addresses need brackets for that. */
function endpoint(target) {
  const address = target.address ?? "";
  if (!target.port || !address) return address;
  return address.includes(":") ? `[${address}]:${target.port}` : `${address}:${target.port}`;
}

/** The last hops of the failing flows, the most frequent first. */
function lastHops(failing) {
  const counts = new Map();
  for (const { last_hop: hop } of failing) {
    const name = hop ?? "unknown";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([hop, count]) => `${hop} (${count})`)
    .join(", ");
}

function row(target) {
  const flows = target.flows ?? [];
  const failing = flows.filter((flow) => flow.state === "failing");
  const element = document.createElement("tr");
  if (failing.length > 0) element.className = "failing";
  element.append(
    cell(target.name),
    cell(target.protocol),
    cell(endpoint(target)),
    cell(String(flows.length), true),
    cell(String(failing.length), true),
    cell(lastHops(failing)),
  );
  return element;
}

/** Says what the exporter does without: raw sockets are opened at the start, or not at all. */
async function showStatus() {
  const response = await fetch("api/v1/status");
  if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
  const status = await response.json();
  note.hidden = status.raw_sockets !== false;
}

async function refresh() {
  try {
    const response = await fetch("api/v1/targets");
    if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
    const targets = await response.json();
    await showStatus();
    version.textContent = (response.headers.get("server") ?? "").replace("ecmp-exporter/", "");
    table.tBodies[0].replaceChildren(...targets.map(row));
    table.hidden = targets.length === 0;
    status.textContent = targets.length === 0 ? "No targets are configured." : "";
  } catch (error) {
    status.textContent = `The targets cannot be shown: ${error.message}.`;
  }
  setTimeout(refresh, REFRESH_MS);
}

await refresh();
