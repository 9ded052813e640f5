// Which targets the overview shows, and in which order. Plain data in, plain data out.
import { VERDICTS } from "./text.js";

const RANKS = new Map(VERDICTS.map(({ verdict }, rank) => [verdict, rank]));

function failingShare({ flows, failing }) {
  return flows === 0 ? 0 : failing / flows;
}

function rankOf({ verdict }) {
  return RANKS.get(verdict) ?? VERDICTS.length;
}

/** How two targets compare, ascending, by the column's name. */
const COMPARE = {
  verdict: (a, b) => rankOf(a) - rankOf(b) || failingShare(b) - failingShare(a),
  name: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }),
  success: (a, b) => (a.success_ratio ?? 2) - (b.success_ratio ?? 2),
  failing: (a, b) => b.failing - a.failing,
  paths: (a, b) => b.paths - a.paths,
  coverage: (a, b) => a.coverage - b.coverage,
  changed: (a, b) => (b.changed_at ?? 0) - (a.changed_at ?? 0),
};

/** What a search looks at: name, protocol, address, and labels as `name=value`. */
function searched({ name, protocol, address, labels }) {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [name, protocol, address ?? "", ...pairs].join("\n").toLowerCase();
}

/**
 * The targets that fit, in order; where a column leaves two equal, the name decides.
 * @param {readonly object[]} targets rows of the summary
 * @param {{search: string, verdict: string, label: string, sort: string, descending: boolean}} wanted `search` holds
 * words that must all occur; `verdict` and `label` (`name=value`) are empty for any; `sort` is a column
 */
export function shownRows(targets, { search, verdict, label, sort, descending }) {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fits = (target) => {
    if (verdict !== "" && target.verdict !== verdict) return false;
    if (label !== "" && !labelsOf([target]).includes(label)) return false;
    if (words.length === 0) return true;
    const text = searched(target);
    return words.every((word) => text.includes(word));
  };
  const compare = COMPARE[sort] ?? COMPARE.verdict;
  const direction = descending ? -1 : 1;
  return targets.filter(fits).sort((a, b) => direction * compare(a, b) || COMPARE.name(a, b));
}

/** Every label of the targets as `name=value`, sorted, each once. */
export function labelsOf(targets) {
  const pairs = targets.flatMap(({ labels }) =>
    Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  );
  return [...new Set(pairs)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** How many targets have each verdict, the worst first, without those that none has. */
export function verdictCounts(targets) {
  return VERDICTS.map((row) => ({
    ...row,
    targets: targets.filter(({ verdict }) => verdict === row.verdict).length,
  })).filter(({ targets: number }) => number > 0);
}
