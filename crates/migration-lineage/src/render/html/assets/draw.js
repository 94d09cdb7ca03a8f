// The canvas: edges, and cards where they are too small for their text to be read.

const byId = (id) => document.getElementById(id);
const view = byId("view"), world = byId("world"), canvas = byId("edges");
const paper = canvas.getContext("2d");

// Screen = world × zoom + (x, y).
const camera = { x: 0, y: 0, zoom: 1 };
const CLOSEST = 2.5, FURTHEST = 0.004;
// From here on cards are elements with text; below they are painted.
const READABLE = 0.5;

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["card", "line", "ink", "faint", "edge", "hint", "up", "down", "chosen", "up-fill", "down-fill", "chosen-ink", "head", "view-head", "far", "far-view"];
  colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const cardOf = (table) => {
  const [x, y, width, height, lanes] = tables[table].cards[state.level];
  return { x, y, width, height, lanes };
};

// Where an edge touches a card. Painted cards have no lines, so there it is the middle.
function port(node, detailed) {
  const card = cardOf(tableOf[node]);
  const line = state.level === 0 && detailed ? lineAt[node] : card.height / 2;
  return { left: card.x, right: card.x + card.width, top: card.y, y: card.y + line, lanes: card.lanes };
}

// The way of an edge: a start and further points, with curves between those of different heights.
function wayOf(edge, detailed) {
  const from = port(edge.from, detailed), to = port(edge.to, detailed);
  const way = [from.right, from.y];
  if (tableOf[edge.from] === tableOf[edge.to]) {
    return { way, loop: to.y, end: [from.right, to.y] };
  }
  if (to.left < from.right) {
    return { way, back: Math.min(from.top, to.top) - 13, end: [to.left, to.y] };
  }
  for (const [left, right, y] of from.lanes) {
    if (right <= to.left) way.push(left, y, right, y);
  }
  way.push(to.left, to.y);
  return { way, end: [to.left, to.y] };
}

// Whether any of it may be on the screen.
function crosses({ way, back, loop, end }, area) {
  let left = Math.min(way[0], end[0]), right = Math.max(way[0], end[0]);
  let top = Math.min(way[1], end[1]), bottom = Math.max(way[1], end[1]);
  for (let at = 3; at < way.length; at += 2) {
    top = Math.min(top, way[at]);
    bottom = Math.max(bottom, way[at]);
  }
  if (back !== undefined) {
    left -= 40;
    right += 40;
    top = Math.min(top, back);
  }
  if (loop !== undefined) right += 40;
  return left < area.right && right > area.left && top < area.bottom && bottom > area.top;
}

function trace(path, { way, back, loop, end }) {
  path.moveTo(way[0], way[1]);
  if (loop !== undefined) {
    path.bezierCurveTo(way[0] + 34, way[1], way[0] + 34, loop, way[0], loop);
    return;
  }
  if (back !== undefined) {
    // Around and back above both cards.
    path.bezierCurveTo(way[0] + 36, way[1], way[0] + 36, back, way[0], back);
    path.lineTo(end[0], back);
    path.bezierCurveTo(end[0] - 36, back, end[0] - 36, end[1], end[0], end[1]);
    return;
  }
  for (let at = 2; at < way.length; at += 2) {
    const [x, y] = [way[at - 2], way[at - 1]];
    if (y === way[at + 1]) path.lineTo(way[at], y);
    else {
      const middle = (x + way[at]) / 2;
      path.bezierCurveTo(middle, y, middle, way[at + 1], way[at], way[at + 1]);
    }
  }
}

function head({ loop, end: [x, y] }, size) {
  const back = loop === undefined ? -size : size;
  paper.moveTo(x, y);
  paper.lineTo(x + back, y - size * 0.5);
  paper.lineTo(x + back, y + size * 0.5);
  paper.closePath();
}

// Many strokes at once, but not so many that the browser has to sort them all against each other.
function stroke(ways, colour, width, dash) {
  paper.strokeStyle = colour;
  paper.lineWidth = width;
  paper.setLineDash(dash);
  for (let at = 0; at < ways.length; at += 64) {
    paper.beginPath();
    for (const way of ways.slice(at, at + 64)) trace(paper, way);
    paper.stroke();
  }
  paper.setLineDash([]);
}

function fillHeads(ways, colour, size) {
  paper.fillStyle = colour;
  paper.beginPath();
  for (const way of ways) head(way, size);
  paper.fill();
}

// What edges share is drawn once: each stretch of a way, however many edges take it, as x, y, x, y. A stretch of which any
// edge carries a value is solid. Made anew only when other edges are shown.
let shared = { of: "" };
function stretches(edges, detailed) {
  const of = `${state.level} ${detailed} ${state.natures}`;
  if (shared.of === of) return shared;
  const known = new Map(), heads = new Map(), odd = [];
  for (const edge of edges) {
    if (!isVisible(edge)) continue;
    const drawn = wayOf(edge, detailed), { way } = drawn;
    const nature = edge.nature & state.natures & DIRECT ? DIRECT : INDIRECT;
    heads.set(`${drawn.end} ${drawn.loop !== undefined}`, drawn);
    if (way.length === 2) {
      odd.push({ drawn, nature });
      continue;
    }
    for (let at = 2; at < way.length; at += 2) {
      const key = `${way[at - 2]} ${way[at - 1]} ${way[at]} ${way[at + 1]}`;
      const stretch = known.get(key);
      if (stretch === undefined) known.set(key, { nature, way: way.slice(at - 2, at + 2) });
      else stretch.nature |= nature;
    }
  }
  shared = { of, known: [...known.values()], heads: [...heads.values()], odd };
  return shared;
}

function drawEdges(area, detailed) {
  const isLit = lit.nodes.size > 0;
  const own = graphs[state.level].edges;
  const unit = 1 / camera.zoom;
  // From far away one line for each pair of tables says as much as one for each column.
  const { known, heads, odd } = stretches(detailed || state.level === 1 ? own : tableEdges, detailed);
  const groups = { [DIRECT]: [], [INDIRECT]: [] };
  const group = (nature) => groups[nature & DIRECT ? DIRECT : INDIRECT];
  for (const { way, nature } of known) {
    if (way[0] < area.right && way[2] > area.left && Math.min(way[1], way[3]) < area.bottom && Math.max(way[1], way[3]) > area.top) {
      group(nature).push({ way });
    }
  }
  for (const { drawn, nature } of odd) if (crosses(drawn, area)) group(nature).push(drawn);
  const dash = camera.zoom > 0.25 ? [5, 4] : [];
  const thin = detailed ? Math.max(1, 1.3 * Math.min(1, unit)) : unit;
  const many = groups[DIRECT].length + groups[INDIRECT].length > 3000;
  paper.globalAlpha = (isLit ? 0.35 : 1) * (many ? 0.6 : 1) * Math.min(1, 0.3 + camera.zoom * 2.5);
  stroke(groups[INDIRECT], colours.hint, thin, dash);
  stroke(groups[DIRECT], colours.edge, thin, []);
  if (detailed) {
    const near = heads.filter(({ end: [x, y] }) => x > area.left && x < area.right + 9 && y > area.top && y < area.bottom);
    fillHeads(near, colours.edge, 6);
  }
  paper.globalAlpha = 1;
  const wide = Math.max(1.8, 1.6 * unit);
  for (const [sign, colour] of [[-1, colours.up], [1, colours.down]]) {
    const direct = [], indirect = [];
    for (const [number, way] of lit.edges) {
      const edge = own[number];
      if (way !== sign) continue;
      const drawn = wayOf(edge, detailed);
      if (crosses(drawn, area)) (edge.nature & state.natures & DIRECT ? direct : indirect).push(drawn);
    }
    stroke(indirect, colour, wide * 0.8, dash.map((length) => length * Math.max(1, unit)));
    stroke(direct, colour, wide, []);
    const size = Math.max(8, 5 * unit);
    fillHeads([...indirect, ...direct], colour, size);
  }
}

// Cards as boxes, with the name as large as fits; from very far, only their colours.
function paintCards(area) {
  const isLit = lit.nodes.size > 0;
  const unit = 1 / camera.zoom;
  const isFar = camera.zoom < 0.22;
  for (let table = 0; table < TABLES; table += 1) {
    const { x, y, width, height } = cardOf(table);
    if (x > area.right || x + width < area.left || y > area.bottom || y + height < area.top) continue;
    const way = lit.tables.get(table);
    const isView = tables[table].kind !== "table";
    const strong = way === 0 ? colours.chosen : way === -1 ? colours.up : way === 1 ? colours.down : undefined;
    paper.globalAlpha = isLit && way === undefined ? 0.4 : 1;
    paper.beginPath();
    paper.roundRect(x, y, width, height, Math.min(8, 3 * unit));
    if (isFar) {
      paper.fillStyle = strong || (isView ? colours["far-view"] : colours.far);
      paper.fill();
      continue;
    }
    paper.fillStyle = way === 0 ? colours.chosen : way === -1 ? colours["up-fill"] : way === 1 ? colours["down-fill"] : isView ? colours["view-head"] : colours.card;
    paper.strokeStyle = strong || colours.line;
    paper.lineWidth = unit * (way === undefined ? 1 : 1.6);
    paper.fill();
    paper.stroke();
    paper.fillStyle = way === 0 ? colours["chosen-ink"] : colours.ink;
    const bottom = paintName(shortName(tables[table].name), x, y, width, height);
    if (state.level === 0) paintLines(table, x, y, width, bottom);
  }
  paper.globalAlpha = 1;
}

// A bar for each column that there is room for below the name.
function paintLines(table, x, y, width, bottom) {
  const { first, count, shown } = tables[table];
  paper.fillStyle = colours.line;
  for (let place = 0; place < (shown || { length: count }).length; place += 1) {
    const [name, type] = columns[first + (shown ? shown[place] : place)];
    const at = y + metrics.head + (place + 0.5) * metrics.row;
    if (at - 6 < bottom) continue;
    paper.fillRect(x + 14, at - 3, Math.min(name.length * 7, width - 90), 6);
    const end = Math.min(type.length * 6, 60);
    paper.fillRect(x + width - 12 - end, at - 3, end, 6);
  }
}

// In several lines, broken where words end, as far as there is room. Returns where it ends.
function paintName(name, x, y, width, height) {
  const size = Math.min(height * 0.6, 10.5 / camera.zoom);
  if (size * camera.zoom < 6.5) return y + metrics.head * 0.6;
  paper.font = `600 ${size}px system-ui, sans-serif`;
  paper.textBaseline = "middle";
  const room = width - size;
  const most = Math.max(1, Math.floor((height - size * 0.4) / (size * 1.2)));
  const lines = [""];
  for (const word of name.slice(0, 120).match(/[^_.\-\s]+[_.\-\s]*|[_.\-\s]+/g) || []) {
    const longer = lines[lines.length - 1] + word;
    if (lines[lines.length - 1] === "" || paper.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else if (lines.length < most) lines.push(word);
    else {
      lines[lines.length - 1] = longer;
      break;
    }
  }
  const top = height < size * 2 ? y + height / 2 : y + size * 0.9;
  lines.forEach((line, at) => paper.fillText(fitting(line, room), x + size / 2, top + at * size * 1.2));
  return top + (lines.length - 0.4) * size * 1.2;
}

// A name without its schema: what is behind the last dot that is not in quotes.
function shortName(name) {
  let start = 0, isQuoted = false;
  for (let at = 0; at < name.length - 1; at += 1) {
    if (name[at] === '"' || name[at] === "`") isQuoted = !isQuoted;
    else if (name[at] === "." && !isQuoted) start = at + 1;
  }
  return name.slice(start);
}

function fitting(text, width) {
  if (paper.measureText(text).width <= width) return text;
  let low = 0, high = Math.min(text.length, 80);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (paper.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle; else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}…` : "";
}

let isDrawing = false;
function redraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  isDrawing = false;
  const { clientWidth: width, clientHeight: height } = view;
  const density = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
  }
  const { x, y, zoom } = camera;
  paper.setTransform(1, 0, 0, 1, 0, 0);
  paper.clearRect(0, 0, canvas.width, canvas.height);
  paper.setTransform(zoom * density, 0, 0, zoom * density, x * density, y * density);
  const area = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
  const detailed = zoom >= READABLE;
  drawEdges(area, detailed);
  if (!detailed) paintCards(area);
  drawTitle(area);
  placeCards(area, detailed);
}

// Above the tables that no edge leads to or from.
function drawTitle(area) {
  if (data.apart[state.level] === null) return;
  const [left, right, y] = data.apart[state.level];
  if (y > area.bottom || left > area.right) return;
  const unit = Math.min(2.6, Math.max(1, 0.85 / camera.zoom));
  paper.strokeStyle = colours.line;
  paper.lineWidth = 1 / camera.zoom;
  paper.beginPath();
  paper.moveTo(left, y);
  paper.lineTo(right, y);
  paper.stroke();
  if (13 * unit * camera.zoom < 7) return;
  paper.font = `500 ${13 * unit}px system-ui, sans-serif`;
  paper.textBaseline = "top";
  paper.fillStyle = colours.faint;
  const words = "Nothing flows into these from the others, or out of them";
  paper.fillText(paper.measureText(words).width > right - left ? "Not connected" : words, left, y + 14);
}
