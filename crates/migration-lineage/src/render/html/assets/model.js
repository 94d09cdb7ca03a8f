// The data, and what follows from them: who is whose neighbour, at the level of columns (0) and at that of tables (1).

const data = JSON.parse(document.getElementById("data").textContent);
const { tables, columns, statements, metrics } = data;
const TABLES = tables.length;
const NODES = TABLES + columns.length;

const DIRECT = 1, INDIRECT = 2;
const kindNames = data.kinds.map(([name]) => name);
const natures = data.kinds.map(([, nature]) => nature);

// The table of each node, and the middle of its line on the card.
const tableOf = new Int32Array(NODES);
const lineAt = new Float32Array(NODES);
tables.forEach((table, number) => {
  tableOf[number] = number;
  lineAt[number] = metrics.head / 2;
  const row = (place) => metrics.head + place * metrics.row + metrics.row / 2;
  for (let at = 0; at < table.count; at += 1) {
    tableOf[TABLES + table.first + at] = number;
    // What is folded away is where the card says so.
    lineAt[TABLES + table.first + at] = row(table.shown ? table.shown.length : at);
  }
  (table.shown || []).forEach((at, place) => { lineAt[TABLES + table.first + at] = row(place); });
});

const isTable = (node) => node < TABLES;
const nameOf = (node) => isTable(node) ? tables[node].name : columns[node - TABLES][0];
const pathOf = (node) => isTable(node) ? nameOf(node) : `${tables[tableOf[node]].name}.${nameOf(node)}`;
const isFolded = (node) => {
  const table = tables[tableOf[node]];
  return !isTable(node) && table.shown !== undefined && !table.shown.includes(node - TABLES - table.first);
};

function natureOf(kinds) {
  let found = 0;
  for (let kind = 0; kind < natures.length; kind += 1) {
    if (kinds >> kind & 1) found |= natures[kind] || DIRECT;
  }
  return found;
}

// Edges, with those that lead from and to each node.
function graphOf(edges) {
  const from = Array.from({ length: NODES }, () => []);
  const to = Array.from({ length: NODES }, () => []);
  for (const edge of edges) {
    from[edge.from].push(edge);
    to[edge.to].push(edge);
  }
  return { edges, from, to };
}

const columnEdges = data.edges.map(([from, to, kinds, masking, made], number) =>
  ({ number, from, to, kinds, masking, made, nature: natureOf(kinds) }));

// All edges between two tables are one between them.
const tableEdges = (() => {
  const pairs = new Map();
  for (const edge of columnEdges) {
    const from = tableOf[edge.from], to = tableOf[edge.to];
    if (from === to) continue;
    const key = from * TABLES + to;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { number: pairs.size, from, to, kinds: 0, masking: 1, made: new Set(), nature: 0 };
      pairs.set(key, pair);
    }
    pair.kinds |= edge.kinds;
    pair.masking &= edge.masking;
    pair.nature |= edge.nature;
    for (const statement of edge.made) pair.made.add(statement);
  }
  return [...pairs.values()].map((pair) => ({ ...pair, made: [...pair.made].sort((a, b) => a - b) }));
})();

const graphs = [graphOf(columnEdges), graphOf(tableEdges)];

// Nodes by their names; of two with the same, the table, then the first.
const byPath = new Map();
for (let node = 0; node < NODES; node += 1) {
  if (!byPath.has(pathOf(node))) byPath.set(pathOf(node), node);
}

const referred = new Map(), referring = new Map();
for (const [from, to] of data.references) {
  const add = (map, key, value) => map.set(key, [...(map.get(key) || []), value]);
  add(referring, from, to);
  add(referred, to, from);
}
