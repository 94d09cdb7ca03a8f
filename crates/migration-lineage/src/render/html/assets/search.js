// Searching: what is typed is looked for in the names of tables and columns.

const searchBox = byId("search"), results = byId("results");
const MOST = 40;
let found = [];
let marked = 0;

const folded = Array.from({ length: NODES }, (_, node) => nameOf(node).toLowerCase());

// How well a name fits: the whole first, then its beginning, the beginning of a word, any part; tables before columns.
function rank(node, wanted) {
  const at = folded[node].indexOf(wanted);
  const path = wanted.includes(".") ? pathOf(node).toLowerCase().indexOf(wanted) : -1;
  if (at < 0 && path < 0) return Infinity;
  const kind = isTable(node) ? 0 : 0.5;
  if (folded[node] === wanted || pathOf(node).toLowerCase() === wanted) return kind;
  if (at === 0) return 1 + kind;
  if (at > 0 && /[\s_.\-]/.test(folded[node][at - 1])) return 2 + kind;
  return 3 + kind;
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const ranked = [];
  for (let node = 0; node < NODES; node += 1) {
    const fit = rank(node, wanted);
    if (fit < Infinity) ranked.push([fit, folded[node].length, node]);
  }
  ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return ranked.map(([, , node]) => node);
}

// The name with what was looked for marked.
function markedName(node, wanted) {
  const name = nameOf(node), at = folded[node].indexOf(wanted);
  // Lower case may be longer than what it is of; then nothing is marked.
  if (at < 0 || folded[node].length !== name.length) return [make("b", { dir: "auto", text: name })];
  return [make("b", { dir: "auto" }, name.slice(0, at), make("mark", { text: name.slice(at, at + wanted.length) }), name.slice(at + wanted.length))];
}

function showResults() {
  const wanted = state.search.trim().toLowerCase();
  found = search(state.search);
  marked = Math.min(marked, Math.max(0, Math.min(found.length, MOST) - 1));
  const options = found.slice(0, MOST).map((node, place) => make("div",
    { className: "result", role: "option", id: `result-${place}`, "aria-selected": String(place === marked), title: pathOf(node),
      on: { pointerdown: (event) => event.preventDefault(), click: () => take(place) } },
    ...(isTable(node) ? [] : [make("span", { className: "schema", dir: "auto", text: `${tables[tableOf[node]].name}.` })]),
    ...markedName(node, wanted),
    make("span", { className: "kind", text: isTable(node) ? tables[node].kind : "column" })));
  if (found.length > MOST) options.push(make("p", { text: `and ${(found.length - MOST).toLocaleString("en")} more: type on` }));
  if (wanted !== "" && found.length === 0) options.push(make("p", { text: "Nothing is called so." }));
  results.replaceChildren(...options);
  const open = wanted !== "" && document.activeElement === searchBox;
  results.hidden = !open;
  searchBox.setAttribute("aria-expanded", String(open));
  if (open && found.length > 0) searchBox.setAttribute("aria-activedescendant", `result-${marked}`);
  else searchBox.removeAttribute("aria-activedescendant");
}

function mark(place) {
  const shown = Math.min(found.length, MOST);
  if (shown === 0) return;
  marked = (place + shown) % shown;
  [...results.querySelectorAll(".result")].forEach((result, at) => result.setAttribute("aria-selected", String(at === marked)));
  searchBox.setAttribute("aria-activedescendant", `result-${marked}`);
  results.children[marked].scrollIntoView({ block: "nearest" });
}

// Goes to a result.
function take(place) {
  const node = found[place];
  if (node === undefined) return;
  searchBox.blur();
  results.hidden = true;
  select([node], { centre: true });
  view.focus({ preventScroll: true });
}

searchBox.addEventListener("input", () => {
  state.search = searchBox.value;
  marked = 0;
  showResults();
  writeAddress();
});
searchBox.addEventListener("focus", showResults);
searchBox.addEventListener("blur", () => {
  results.hidden = true;
  searchBox.setAttribute("aria-expanded", "false");
});
searchBox.addEventListener("keydown", (event) => {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  if (steps[event.key] !== undefined) mark(marked + steps[event.key]);
  else if (event.key === "Enter") take(marked);
  else if (event.key === "Escape") {
    if (searchBox.value === "") view.focus({ preventScroll: true });
    searchBox.value = state.search = "";
    showResults();
    writeAddress();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
