// The camera, the pointer and the keys.

// The box around all cards, or around some.
function extent(only) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const table of only || tables.keys()) {
    const { x, y, width, height } = cardOf(table);
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + width);
    box.bottom = Math.max(box.bottom, y + height);
  }
  return box.left === Infinity ? { left: 0, top: 0, right: 1, bottom: 1 } : box;
}

const litBounds = () => extent(lit.tables.keys());

function fit(box) {
  const { clientWidth: width, clientHeight: height } = view;
  const legend = byId("legend").offsetHeight + 16;
  const room = { width: Math.max(80, width - 56), height: Math.max(80, height - 40 - legend) };
  const scale = Math.min(room.width / (box.right - box.left), room.height / (box.bottom - box.top));
  camera.zoom = Math.min(1.15, Math.max(FURTHEST, scale));
  camera.x = (width - (box.left + box.right) * camera.zoom) / 2;
  camera.y = (height - legend + 8 - (box.top + box.bottom) * camera.zoom) / 2;
  redraw();
}

function zoomBy(factor, x, y) {
  const zoom = Math.min(CLOSEST, Math.max(FURTHEST, camera.zoom * factor));
  camera.x = x - (x - camera.x) * zoom / camera.zoom;
  camera.y = y - (y - camera.y) * zoom / camera.zoom;
  camera.zoom = zoom;
  redraw();
}

const zoomMiddle = (factor) => zoomBy(factor, view.clientWidth / 2, view.clientHeight / 2);

// The box of a node on the screen.
function boxOf(node) {
  const card = cardOf(tableOf[node]);
  const isLine = state.level === 0 && !isTable(node);
  const y = isLine ? card.y + lineAt[node] - metrics.row / 2 : card.y;
  const height = isLine ? metrics.row : Math.min(card.height, 240);
  const at = (value, shift) => value * camera.zoom + shift;
  return { left: at(card.x, camera.x), right: at(card.x + card.width, camera.x), top: at(y, camera.y), bottom: at(y + height, camera.y) };
}

// Moves the picture no further than is needed to see a node; at the middle and readable, if asked.
function reveal(node, centre) {
  const { clientWidth: width, clientHeight: height } = view;
  if (centre) {
    camera.zoom = Math.max(camera.zoom, 0.85);
    const box = boxOf(node);
    camera.x += width / 2 - (box.left + box.right) / 2;
    camera.y += height / 2 - (box.top + box.bottom) / 2;
  } else {
    const box = boxOf(node);
    const edge = 24, legend = byId("legend").offsetHeight + 24;
    camera.x += Math.max(0, edge - box.left) || Math.min(0, width - edge - box.right);
    camera.y += Math.max(0, edge - box.top) || Math.min(0, height - legend - box.bottom);
  }
  redraw();
}

// The table under a point of the view; cards that are elements answer for themselves.
function tableAt(x, y) {
  const [left, top] = [(x - camera.x) / camera.zoom, (y - camera.y) / camera.zoom];
  return tables.findIndex((_, table) => {
    const card = cardOf(table);
    return left >= card.x && left <= card.x + card.width && top >= card.y && top <= card.y + card.height;
  });
}

const pointers = new Map();
let moved = 0;

const place = (event) => {
  const box = view.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
};

view.addEventListener("pointerdown", (event) => {
  if (event.target.closest("#legend") || (event.pointerType === "mouse" && event.button !== 0)) return;
  pointers.set(event.pointerId, place(event));
  if (pointers.size === 1) moved = 0;
});
window.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (last === undefined) {
    if (camera.zoom < READABLE && event.target === canvas) showTip(place(event));
    else byId("tip").hidden = true;
    return;
  }
  const now = place(event);
  moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
  if (pointers.size === 2) {
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const apart = (a, b) => Math.max(10, Math.hypot(a.x - b.x, a.y - b.y));
    zoomBy(apart(now, other) / apart(last, other), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }
  if (moved > 5) {
    view.classList.add("dragged");
    camera.x += (now.x - last.x) / pointers.size;
    camera.y += (now.y - last.y) / pointers.size;
    redraw();
  }
  pointers.set(event.pointerId, now);
});
for (const name of ["pointerup", "pointercancel"]) {
  window.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) view.classList.remove("dragged");
  });
}
view.addEventListener("click", (event) => {
  if (moved > 5 || event.target.closest("#legend")) {
    moved = 0;
    return;
  }
  const part = event.target.closest("[data-node]");
  if (part !== null) {
    const node = Number(part.dataset.node);
    select(state.selected.length === 1 && state.selected[0] === node ? [] : [node]);
  } else {
    const { x, y } = place(event);
    const table = camera.zoom < READABLE ? tableAt(x, y) : -1;
    select(table < 0 ? [] : [table]);
  }
  view.focus({ preventScroll: true });
});
view.addEventListener("wheel", (event) => {
  if (event.target.closest("#legend")) return;
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : 1;
  if (event.shiftKey) {
    camera.x -= (event.deltaX || event.deltaY) * unit;
    redraw();
    return;
  }
  const { x, y } = place(event);
  zoomBy(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0018)), x, y);
}, { passive: false });

function showTip({ x, y }) {
  const tip = byId("tip"), table = tableAt(x, y);
  tip.hidden = table < 0;
  if (table < 0) return;
  tip.textContent = tables[table].name;
  tip.style.left = `${Math.min(x + 14, view.clientWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(y + 16, view.clientHeight - tip.offsetHeight - 8)}px`;
}

// The node that a key leads to: the line above or below, the card above or below, or along the first edge.
function neighbourOf(node, key) {
  const table = tableOf[node], own = cardOf(table);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const graph = graphs[state.level];
    const from = state.level === 1 ? table : node;
    const edges = (key === "ArrowLeft" ? graph.to : graph.from)[from].filter(isVisible);
    if (edges.length > 0) return key === "ArrowLeft" ? edges[0].from : edges[0].to;
    return nearest(table, key) ?? node;
  }
  const step = key === "ArrowDown" ? 1 : -1;
  if (state.level === 0) {
    const { first, count, shown } = tables[table];
    const lines = [table, ...(shown || Array.from({ length: count }, (_, at) => at)).map((at) => TABLES + first + at)];
    const next = lines[lines.indexOf(node) + step];
    if (next !== undefined) return next;
    const other = nearest(table, key);
    if (other === undefined || step > 0) return other ?? node;
    const above = tables[other];
    const last = above.shown ? above.shown[above.shown.length - 1] : above.count - 1;
    return above.count > 0 ? TABLES + above.first + last : other;
  }
  return nearest(table, key, own) ?? node;
}

// The next card in a direction; one straight ahead counts as nearer.
function nearest(table, key) {
  const own = cardOf(table);
  let best, least = Infinity;
  for (const other of tables.keys()) {
    if (other === table) continue;
    const card = cardOf(other);
    const right = card.x + card.width / 2 - own.x - own.width / 2, down = card.y - own.y;
    const [ahead, aside] = { ArrowLeft: [-right, down], ArrowRight: [right, down], ArrowUp: [-down, right], ArrowDown: [down, right] }[key];
    const far = ahead + 3 * Math.abs(aside);
    if (ahead > 4 && far < least) [best, least] = [other, far];
  }
  return best;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const inField = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && !inField) {
    if (panel.contains(document.activeElement)) view.focus({ preventScroll: true });
    else select([]);
  } else if (inField) return;
  else if (event.key === "/") {
    searchBox.focus();
    searchBox.select();
  } else if (event.key === "+" || event.key === "=") zoomMiddle(1.25);
  else if (event.key === "-") zoomMiddle(0.8);
  else if (event.key === "0") fit(extent());
  else if (event.key === "?") byId("help").showModal();
  else if (event.key === "l" || event.key === "L") setLevel(1 - state.level);
  else if (event.target === view && event.key.startsWith("Arrow") && TABLES > 0) {
    const [node] = state.selected;
    const next = node === undefined ? firstInSight() : neighbourOf(state.level === 1 ? tableOf[node] : node, event.key);
    select([next]);
    reveal(next, camera.zoom < READABLE);
  } else if (event.target === view && event.key === "Enter" && !panel.hidden) {
    byId("close").focus();
  } else return;
  event.preventDefault();
});

// Whether all of a long chain, on the screen at once, is a line that nobody sees.
function isHairline(box) {
  return Math.min(box.right - box.left, box.bottom - box.top) * camera.zoom < 12;
}

// Where a chain begins: the highest card of those furthest to the left.
function leftmost() {
  return [...tables.keys()].reduce((best, table) => {
    const [a, b] = [cardOf(table), cardOf(best)];
    return a.x < b.x || (a.x === b.x && a.y < b.y) ? table : best;
  }, 0);
}

// Where the keys begin: the highest card on the left that can be seen.
function firstInSight() {
  let best = 0, least = Infinity;
  for (const table of tables.keys()) {
    const box = boxOf(table);
    if (box.right < 0 || box.bottom < 0 || box.left > view.clientWidth || box.top > view.clientHeight) continue;
    const far = Math.max(0, box.left) + Math.max(0, box.top);
    if (far < least) [best, least] = [table, far];
  }
  return best;
}
