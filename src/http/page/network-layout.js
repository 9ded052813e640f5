// Where the nodes of a network are drawn: columns are given (the TTL), rows are chosen so that few links cross. Sugiyama's
// method with given ranks: links over several columns get a bend in each, then columns are ordered by the barycentre of
// their neighbours, forth and back. Plain data in, plain data out.

/** Times that all columns are ordered, forth and back by turns; more changes nothing that is seen. */
const SWEEPS = 8;

/**
 * @param {readonly {key: string, column: number}[]} nodes
 * @param {readonly {key: string, from: string, to: string}[]} edges
 * @returns {{columns: string[][], rows: Map<string, number>, bends: Map<string, string[]>}} keys of every column from the
 * top; the row of each key, centred, so that a column of one stands in the middle; the keys of the bends of every edge
 */
export function layOut(nodes, edges) {
  const columnOf = new Map(nodes.map(({ key, column }) => [key, column]));
  const count = Math.max(0, ...columnOf.values()) + 1;
  const columns = Array.from({ length: count }, () => []);
  for (const { key, column } of nodes) columns[column].push(key);
  const bends = new Map();
  const left = new Map();
  const right = new Map();
  for (const edge of edges) {
    const keys = bent(edge, columnOf);
    for (const [key, column] of keys) columns[column].push(key);
    bends.set(
      edge.key,
      keys.map(([key]) => key),
    );
    const forward = columnOf.get(edge.from) < columnOf.get(edge.to);
    const way = [edge.from, ...keys.map(([key]) => key), edge.to];
    if (!forward) way.reverse();
    for (let at = 1; at < way.length; at += 1) {
      join(right, way[at - 1], way[at]);
      join(left, way[at], way[at - 1]);
    }
  }
  const ordered = order(columns, left, right);
  const tallest = Math.max(1, ...ordered.map((column) => column.length));
  const rows = new Map(
    ordered.flatMap((column) => column.map((key, at) => [key, at + (tallest - column.length) / 2])),
  );
  return { columns: ordered, rows, bends };
}

/** The bends of an edge with their columns: one in every column that it passes over. */
function bent({ key, from, to }, columnOf) {
  const [start, end] = [columnOf.get(from), columnOf.get(to)];
  const step = Math.sign(end - start);
  const bends = [];
  for (let column = start + step; step !== 0 && column !== end; column += step) {
    bends.push([`bend ${column} ${key}`, column]);
  }
  return bends;
}

function join(neighbours, key, other) {
  const known = neighbours.get(key);
  if (known === undefined) neighbours.set(key, [other]);
  else known.push(other);
}

/** Orders every column; of all orders met the one with the fewest crossings. */
function order(columns, left, right) {
  let current = columns.map((column) => [...column]);
  let best = current;
  let fewest = crossings(current, right);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const forth = sweep % 2 === 0;
    current = current.map((column) => [...column]);
    const from = forth ? 1 : current.length - 2;
    for (let at = from; at >= 0 && at < current.length; at += forth ? 1 : -1) {
      const beside = current[forth ? at - 1 : at + 1];
      current[at] = byBarycentre(current[at], beside, forth ? left : right);
    }
    const found = crossings(current, right);
    if (found < fewest) {
      fewest = found;
      best = current;
    }
  }
  return best;
}

/** The column ordered by the mean row of each key's neighbours; a key without neighbours stays where it is. */
function byBarycentre(column, beside, neighbours) {
  const rows = new Map(beside.map((key, row) => [key, row]));
  const scale = beside.length / Math.max(1, column.length);
  const mean = (key, row) => {
    const known = (neighbours.get(key) ?? []).flatMap((other) => rows.get(other) ?? []);
    return known.length === 0 ? row * scale : known.reduce((sum, at) => sum + at, 0) / known.length;
  };
  return column
    .map((key, row) => ({ key, row, mean: mean(key, row) }))
    .sort((a, b) => a.mean - b.mean || a.row - b.row)
    .map(({ key }) => key);
}

/**
 * How often links cross between neighbouring columns: pairs whose ends are in opposite order, counted with a Fenwick tree
 * (Barth, Mutzel and Jünger, "Simple and efficient bilayer cross counting", 2004).
 */
export function crossings(columns, right) {
  let total = 0;
  for (let at = 0; at + 1 < columns.length; at += 1) {
    const rows = new Map(columns[at + 1].map((key, row) => [key, row]));
    const tree = new Array(columns[at + 1].length + 1).fill(0);
    let seen = 0;
    for (const key of columns[at]) {
      const ends = (right.get(key) ?? []).flatMap((other) => rows.get(other) ?? []);
      for (const end of ends) {
        let notBelow = 0;
        for (let i = end + 1; i > 0; i -= i & -i) notBelow += tree[i];
        total += seen - notBelow;
      }
      for (const end of ends) {
        for (let i = end + 1; i < tree.length; i += i & -i) tree[i] += 1;
        seen += 1;
      }
    }
  }
  return total;
}
