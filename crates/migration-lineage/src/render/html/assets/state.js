// What is selected and how it is shown, kept in the address; and what is lit because of it.

const state = {
  level: data.level === "table" ? 1 : 0,
  depth: Infinity,
  selected: [],
  natures: DIRECT | INDIRECT,
  theme: "",
  search: "",
};

// Nodes and edges that are lit: -1 for what the selected comes from, 1 for what comes from it, 0 for itself.
let lit = { nodes: new Map(), edges: new Map(), tables: new Map(), count: [0, 0] };

const isVisible = (edge) => (edge.nature & state.natures) !== 0;

// Breadth first from what is selected, one way.
function follow(start, way, found) {
  const graph = graphs[state.level];
  const seen = new Set(start);
  let level = start;
  for (let distance = 0; level.length > 0 && distance < state.depth; distance += 1) {
    const next = [];
    for (const node of level) {
      for (const edge of (way < 0 ? graph.to : graph.from)[node]) {
        if (!isVisible(edge)) continue;
        const other = way < 0 ? edge.from : edge.to;
        if (!found.edges.has(edge.number)) found.edges.set(edge.number, way);
        if (seen.has(other)) continue;
        seen.add(other);
        next.push(other);
        if (!found.nodes.has(other)) found.nodes.set(other, way);
        found.count[way < 0 ? 0 : 1] += 1;
      }
    }
    level = next;
  }
}

function light() {
  const found = { nodes: new Map(), edges: new Map(), tables: new Map(), count: [0, 0] };
  const start = new Set();
  for (const node of state.selected) {
    if (state.level === 1) {
      start.add(tableOf[node]);
      continue;
    }
    start.add(node);
    if (isTable(node)) {
      const { first, count } = tables[node];
      for (let at = 0; at < count; at += 1) start.add(TABLES + first + at);
    }
  }
  for (const node of start) found.nodes.set(node, 0);
  follow([...start], -1, found);
  follow([...start], 1, found);
  for (const [node, way] of found.nodes) {
    const table = tableOf[node];
    if (way === 0 || !found.tables.has(table)) found.tables.set(table, way);
  }
  lit = found;
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const has = (name, then) => { if (given.has(name)) then(given.get(name)); };
  has("level", (level) => { state.level = level === "table" ? 1 : 0; });
  has("depth", (depth) => { state.depth = Number.parseInt(depth, 10) > 0 ? Number.parseInt(depth, 10) : Infinity; });
  has("edges", (edges) => {
    state.natures = { direct: DIRECT, indirect: INDIRECT }[edges] || DIRECT | INDIRECT;
  });
  has("theme", (theme) => { state.theme = theme === "dark" || theme === "light" ? theme : ""; });
  has("search", (search) => { state.search = search; });
  if (given.has("select")) {
    const paths = given.getAll("select");
    state.selected = paths.map((path) => byPath.get(path)).filter((node) => node !== undefined);
    // What is not there is searched for, so that one sees that it is not, and what is called nearly so.
    const missing = paths.find((path) => !byPath.has(path));
    if (missing !== undefined && state.search === "") state.search = missing;
  }
  return given;
}

function writeAddress() {
  const said = new URLSearchParams();
  // Of many, the first few: an address has no room for more.
  for (const node of state.selected.slice(0, 20)) said.append("select", pathOf(node));
  if (state.search !== "") said.set("search", state.search);
  said.set("level", state.level === 1 ? "table" : "column");
  if (state.depth !== Infinity) said.set("depth", String(state.depth));
  if (state.natures !== (DIRECT | INDIRECT)) said.set("edges", state.natures === DIRECT ? "direct" : "indirect");
  if (state.theme !== "") said.set("theme", state.theme);
  try {
    history.replaceState(null, "", `#${said}`);
  } catch {
    // A browser may forbid that for files; the picture does not depend on it.
  }
}
