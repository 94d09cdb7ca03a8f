// The details of what is selected.

const panel = byId("panel");

const link = (node, ...more) => make("button", { type: "button", className: "link", title: pathOf(node), on: { click: () => select([node], { centre: true }) } },
  ...(isTable(node) ? nameParts(nameOf(node)) : [
    make("span", { className: "schema", dir: "auto", text: `${shortName(tables[tableOf[node]].name)}.` }),
    make("b", { dir: "auto", text: nameOf(node) })]), ...more);

const heading = (text, count) => make("h3", null, text, count === undefined ? undefined : make("span", { className: "number", text: count.toLocaleString("en") }));

// The first few, and a button for the rest.
function listed(items, few, element) {
  const list = make("ul", null, ...items.slice(0, few).map((item) => make("li", null, element(item))));
  if (items.length > few) {
    const more = make("button", { type: "button", className: "more", text: `show ${(items.length - few).toLocaleString("en")} more`, on: {
      click: () => { more.remove(); list.append(...items.slice(few).map((item) => make("li", null, element(item)))); } } });
    return [list, more];
  }
  return [list];
}

function edgeWords(edge) {
  const words = kindNames.filter((_, kind) => edge.kinds >> kind & 1);
  if (edge.masking) words.push("MASKED");
  return make("span", { className: edge.nature & DIRECT ? "words" : "words indirect", text: words.join(", ").toLowerCase().replaceAll("_", " ") });
}

// The edges one way, from or to each column, or each table.
function neighbours(node, way) {
  const graph = graphs[state.level];
  const own = state.level === 0 && isTable(node) ? graphs[1] : graph;
  const edges = (way < 0 ? own.to : own.from)[state.level === 1 ? tableOf[node] : node].filter(isVisible);
  const count = lit.count[way < 0 ? 0 : 1];
  const title = way < 0 ? "Comes from" : "Goes to";
  if (edges.length === 0) return [heading(title), make("p", { className: "none", text: "Nothing that is known of." })];
  const all = own === graph && count > edges.length
    ? make("p", { className: "none", text: `${counted(count, state.level === 1 ? "table" : "column")} with those further away` }) : undefined;
  return [heading(title, edges.length), ...listed(edges, 12, (edge) => make("div", { className: way < 0 ? "edge up" : "edge down" },
    link(way < 0 ? edge.from : edge.to), edgeWords(edge))), all];
}

// The statements by which something is what it is.
function statementParts(node) {
  const made = new Set(isTable(node) ? tables[node].statements : graphs[0].to[node].flatMap((edge) => edge.made));
  if (made.size === 0) for (const statement of tables[tableOf[node]].statements.slice(0, 1)) made.add(statement);
  const sorted = [...made].sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  return [heading(sorted.length === 1 ? "Statement" : "Statements", sorted.length), ...listed(sorted, 5, (number) => {
    const [migration, line, sql] = statements[number];
    const place = line === null ? "" : `, line ${line}`;
    return make("figure", { className: "statement" },
      make("figcaption", null, make("b", { dir: "auto", text: migration }), place),
      make("pre", { tabindex: "0" }, make("code", null, ...colouredSql(sql))));
  })];
}

const WORDS = new Set(("ADD AFTER ALL ALTER AND AS ASC BEFORE BEGIN BY CASCADE CASE CAST CHECK COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DISTINCT DO "
  + "DROP EACH ELSE END EXCEPT EXECUTE EXISTS FOR FOREIGN FROM FULL FUNCTION GENERATED ALWAYS GROUP HAVING IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LANGUAGE LATERAL LEFT LIKE LIMIT "
  + "MATERIALIZED MERGE NEW NOT NULL OLD ON OR ORDER OUTER OVER PARTITION PRIMARY PROCEDURE RECURSIVE REFERENCES RENAME REPLACE RETURNING RETURNS RIGHT ROW SELECT SET STORED TABLE TEMPORARY THEN TO TRIGGER "
  + "UNION UNIQUE UPDATE USING VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH").split(" "));

// Comments, strings, numbers and words, told apart for the eye only.
function colouredSql(sql) {
  const parts = [];
  const pattern = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|\b(\d+(?:\.\d+)?)\b|([A-Za-z_]\w*)/g;
  let end = 0;
  for (const found of sql.matchAll(pattern)) {
    const [text, comment, string, number, word] = found;
    const className = comment ? "comment" : string || number ? "value" : WORDS.has(word.toUpperCase()) ? "word" : "";
    if (className === "") continue;
    parts.push(sql.slice(end, found.index), make("span", { className, text }));
    end = found.index + text.length;
  }
  parts.push(sql.slice(end));
  return parts;
}

function pastParts(node) {
  const past = (isTable(node) ? tables[node].past : columns[node - TABLES][3]) || [];
  if (past.length === 0) return [];
  const how = { RENAME: "renamed", SPLIT: "split", MERGE: "merged" };
  return [heading("History"), make("ol", { className: "past" }, ...past.map(([name, by, migration]) => make("li", null,
    make("b", { dir: "auto", text: name }), make("span", { className: "words", text: `${how[by] || "made"}${migration === null ? "" : ` in ${migration}`}` }))))];
}

function referenceParts(node) {
  const parts = [];
  for (const [title, map] of [["Refers to", referred], ["Referred to by", referring]]) {
    const others = map.get(node) || [];
    if (others.length > 0) parts.push(heading(title, others.length), ...listed(others, 8, (other) => make("div", { className: "edge" }, link(other))));
  }
  return parts;
}

function columnParts(table) {
  const { first, count } = tables[table];
  if (count === 0) return [];
  const all = Array.from({ length: count }, (_, at) => TABLES + first + at);
  return [heading("Columns", count), ...listed(all, 30, (node) => {
    const [, type, key] = columns[node - TABLES];
    return make("div", { className: "edge" },
      make("button", { type: "button", className: "link", on: { click: () => { setLevel(0); select([node], { centre: true }); } } }, make("b", { dir: "auto", text: nameOf(node) })),
      make("span", { className: "words", text: [type.toLowerCase(), ...keyWords(key)].filter((word) => word !== "").join(", ") }));
  })];
}

function showPanel() {
  const wasHidden = panel.hidden, hadFocus = panel.contains(document.activeElement);
  panel.hidden = state.selected.length === 0;
  if (panel.hidden) {
    panel.replaceChildren();
    if (hadFocus) view.focus({ preventScroll: true });
    return wasHidden !== panel.hidden;
  }
  const node = state.level === 1 && state.selected.length === 1 ? tableOf[state.selected[0]] : state.selected[0];
  const close = make("button", { type: "button", id: "close", "aria-label": "Close", title: "Close (Esc)", text: "×", on: { click: () => select([]) } });
  const [, type, key] = isTable(node) ? [] : columns[node - TABLES];
  const said = isTable(node) ? tables[node].kind : ["column", type, ...keyWords(key)].filter((word) => word !== "").join(", ");
  const title = make("h2", { dir: "auto", text: nameOf(node) });
  const table = isTable(node) ? undefined : make("p", { className: "of" }, "of ", link(tableOf[node]));
  const others = state.selected.slice(1);
  const tools = lit.nodes.size > state.selected.length
    ? make("button", { type: "button", className: "tool", text: "Fit all that is lit", on: { click: () => fit(litBounds()) } }) : undefined;
  panel.replaceChildren(
    make("div", { className: "top" }, make("div", null, title, make("p", { className: "what", text: said }), table), close),
    ...[tools].filter(Boolean),
    ...(others.length > 0 ? [heading("Also selected", others.length), ...listed(others, 8, (other) => make("div", { className: "edge" }, link(other)))] : []),
    ...neighbours(node, -1).filter(Boolean), ...neighbours(node, 1).filter(Boolean),
    ...pastParts(node), ...(isTable(node) ? columnParts(node) : []), ...referenceParts(node), ...statementParts(node));
  panel.scrollTop = 0;
  // What had it is gone.
  if (hadFocus) close.focus();
  return wasHidden !== panel.hidden;
}
