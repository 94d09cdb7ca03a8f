// Cards as elements: only those on the screen, and only where they can be read.

// An element; text never becomes markup.
function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (key === "text") element.textContent = value;
    else element.setAttribute(key === "className" ? "class" : key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

const present = new Map();
let presentLevel = -1;

const keySigns = [[1, "PK", "primary key"], [4, "FK", "foreign key"], [2, "UQ", "unique"], [8, "", "not null"]];
// A primary key is not null anyway.
const keyWords = (key) => keySigns.filter(([bit]) => key & bit && !(bit === 8 && key & 1)).map(([, , word]) => word);

// A name that may run in either direction, with its schema less loud.
function nameParts(name) {
  const short = shortName(name);
  const schema = name.slice(0, name.length - short.length);
  return [schema === "" ? undefined : make("span", { className: "schema", text: schema }), make("b", { text: short, dir: "auto" })];
}

function cardElement(table) {
  const { name, kind, count, first, shown, cards } = tables[table];
  const [x, y, width, height] = cards[state.level];
  const button = { type: "button", tabindex: "-1" };
  const sign = kind === "table" ? undefined : make("span", { className: "kind", text: kind === "materialized view" ? "mat. view" : kind });
  const card = make("section", { className: `card ${kind === "table" ? "" : "other"}`, "data-table": table, "aria-label": name },
    make("button", { ...button, className: "head", "data-node": table, title: `${name} (${kind})` },
      make("span", { className: "name" }, ...nameParts(name)), sign,
      state.level === 1 && count > 0 ? make("span", { className: "count", text: count, title: counted(count, "column") }) : undefined));
  card.style.left = `${x}px`;
  card.style.top = `${y}px`;
  card.style.width = `${width}px`;
  card.style.height = `${height}px`;
  if (state.level === 1) return card;
  const places = shown || Array.from({ length: count }, (_, at) => at);
  for (const at of places) {
    const [column, type, key] = columns[first + at];
    const [, short] = keySigns.find(([bit, text]) => key & bit && text) || [];
    const words = [type, ...keyWords(key)].filter((word) => word !== "");
    card.append(make("button", { ...button, className: "row", "data-node": TABLES + first + at, title: `${column}${words.length > 0 ? `: ${words.join(", ")}` : ""}` },
      make("span", { className: "key", text: short || "" }),
      make("span", { className: "name", text: column, dir: "auto" }),
      make("span", { className: "type", text: type })));
  }
  if (shown) {
    const text = `${count - shown.length} more columns`;
    card.append(make("button", { ...button, className: "row fold", "data-node": table, text, title: `${text}: select the table to see them` }));
  }
  return card;
}

function markCard(card, table) {
  const isLit = lit.nodes.size > 0;
  card.classList.toggle("dim", isLit && !lit.tables.has(table));
  for (const part of card.children) {
    const node = Number(part.dataset.node);
    const way = part.classList.contains("fold") ? undefined : lit.nodes.get(node);
    part.classList.toggle("up", way === -1);
    part.classList.toggle("down", way === 1);
    const isChosen = state.selected.some((chosen) => (state.level === 1 ? tableOf[chosen] : chosen) === node);
    part.classList.toggle("chosen", way === 0 && isChosen);
    part.classList.toggle("with", way === 0 && !isChosen);
  }
}

// Called for every frame: elements for what has come into sight, none for what has left it.
function placeCards(area, detailed) {
  world.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.zoom})`;
  world.hidden = !detailed;
  if (presentLevel !== state.level) {
    present.forEach((card) => card.remove());
    present.clear();
    presentLevel = state.level;
  }
  if (!detailed) return;
  const margin = 100 / camera.zoom;
  for (let table = 0; table < TABLES; table += 1) {
    const [x, y, width, height] = tables[table].cards[state.level];
    const isNear = x < area.right + margin && x + width > area.left - margin
      && y < area.bottom + margin && y + height > area.top - margin;
    const card = present.get(table);
    if (isNear && card === undefined) {
      const made = cardElement(table);
      markCard(made, table);
      present.set(table, made);
      world.append(made);
    } else if (!isNear && card !== undefined) {
      card.remove();
      present.delete(table);
    }
  }
}

function markCards() {
  present.forEach(markCard);
}

const counted = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
