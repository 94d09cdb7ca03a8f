// Changes of the state, and the beginning.

function say(text) {
  byId("said").textContent = text;
}

// Selects nodes, or nothing.
function select(nodes, { centre = false, quietly = false } = {}) {
  state.selected = nodes;
  light();
  const resized = showPanel();
  markCards();
  if (nodes.length > 0) {
    if (centre) reveal(nodes[0], true);
    else if (resized && camera.zoom >= READABLE) reveal(nodes[0], false);
    const [up, down] = lit.count;
    say(`${pathOf(nodes[0])}: comes from ${up}, goes to ${down}`);
  }
  if (!quietly) writeAddress();
  redraw();
}

function setLevel(level) {
  if (state.level === level) return;
  const [node] = state.selected;
  const kept = node === undefined ? undefined : boxOf(node);
  state.level = level;
  light();
  showPanel();
  showControls();
  if (kept === undefined) fit(extent());
  else {
    // What is selected stays where it is.
    const now = boxOf(node);
    camera.x += kept.left - now.left;
    camera.y += kept.top - now.top;
    reveal(node, camera.zoom < READABLE);
  }
  writeAddress();
  redraw();
}

function setDepth(depth) {
  state.depth = depth;
  light();
  showPanel();
  markCards();
  showControls();
  writeAddress();
  redraw();
}

// One of the two kinds of edges may be hidden, but not both.
function toggle(nature) {
  state.natures = (state.natures ^ nature) || (DIRECT | INDIRECT) ^ nature;
  light();
  showPanel();
  markCards();
  showControls();
  writeAddress();
  redraw();
}

function setTheme(theme) {
  state.theme = theme;
  const root = document.documentElement;
  if (theme === "") delete root.dataset.theme;
  else root.dataset.theme = theme;
  readColours();
  redraw();
}

const isDark = () => state.theme === "dark" || (state.theme === "" && matchMedia("(prefers-color-scheme: dark)").matches);

function showControls() {
  const press = (id, pressed) => byId(id).setAttribute("aria-pressed", String(pressed));
  press("level-column", state.level === 0);
  press("level-table", state.level === 1);
  press("toggle-direct", (state.natures & DIRECT) !== 0);
  press("toggle-indirect", (state.natures & INDIRECT) !== 0);
  const depth = byId("depth"), value = state.depth === Infinity ? "" : String(state.depth);
  if (![...depth.options].some((option) => option.value === value)) depth.append(make("option", { text: value }));
  depth.value = value;
}

function start() {
  byId("title").textContent = data.title;
  const edges = columnEdges.length;
  const figures = [counted(TABLES, "table"), counted(columns.length, "column"), counted(edges, "edge"), ...data.notes];
  byId("figures").textContent = byId("figures").title = figures.join(" · ");
  byId("empty").hidden = TABLES > 0;
  byId("legend").hidden = edges === 0;
  for (const [name, value] of Object.entries(metrics)) world.style.setProperty(`--${name}-height`, `${value}px`);

  state.selected = data.focus;
  const given = readAddress();
  if (data.level === null && !given.has("level")) {
    // Columns, if they can be read with everything on the screen, or little is asked about.
    fit(extent());
    state.level = camera.zoom < READABLE * 0.9 && (state.selected.length === 0 || isTable(state.selected[0])) ? 1 : 0;
  }
  setTheme(state.theme);
  showControls();
  searchBox.value = state.search;
  light();
  showPanel();
  fit(extent());
  if (state.selected.length > 0) {
    fit(litBounds());
    if (camera.zoom < 0.65) reveal(state.selected[0], true);
  } else if (TABLES > 0 && isHairline(extent())) {
    reveal(leftmost(), true);
  }
  if (state.search !== "") {
    searchBox.focus();
    showResults();
  }

  byId("level-column").addEventListener("click", () => setLevel(0));
  byId("level-table").addEventListener("click", () => setLevel(1));
  byId("depth").addEventListener("change", (event) => setDepth(event.target.value === "" ? Infinity : Number(event.target.value)));
  byId("toggle-direct").addEventListener("click", () => toggle(DIRECT));
  byId("toggle-indirect").addEventListener("click", () => toggle(INDIRECT));
  byId("fit").addEventListener("click", () => fit(extent()));
  byId("zoom-in").addEventListener("click", () => zoomMiddle(1.25));
  byId("zoom-out").addEventListener("click", () => zoomMiddle(0.8));
  byId("theme").addEventListener("click", () => {
    setTheme(isDark() ? "light" : "dark");
    writeAddress();
  });
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(state.theme));
  window.addEventListener("hashchange", () => {
    Object.assign(state, { selected: [], depth: Infinity, natures: DIRECT | INDIRECT, search: "" });
    readAddress();
    setTheme(state.theme);
    searchBox.value = state.search;
    showControls();
    select(state.selected, { centre: state.selected.length > 0, quietly: true });
    showResults();
  });
  new ResizeObserver(redraw).observe(view);
  // How long it took to open, for those who measure.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  }));
}

start();
