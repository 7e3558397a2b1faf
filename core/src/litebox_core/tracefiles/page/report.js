"use strict";
// All texts come from the traced program: they are put in as text only, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 200;
  const N = 0, TIME = 1, DUR = 2, WAITED = 3, THREAD = 4, FUNC = 5, DEPTH = 6, ARGS = 7, ANSWER = 8, FLAGS = 9, FROM = 10, MORE = 11;
  const ERROR = 1, STUB = 2;
  const $ = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const lines = data.calls.map((c) => (data.functions[c[FUNC]][0] + "(" + c[ARGS] + ")" + c[ANSWER]).toLowerCase());
  let found = [], page = 0;

  const duration = (s) => s < 0.001 ? Math.round(s * 1e6) + " us" : s < 1 ? (s * 1e3).toFixed(1) + " ms" : s.toFixed(2) + " s";

  function search() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const thread = $("thread").value, category = $("category").value;
    const flags = ($("errors").checked ? ERROR : 0) | ($("stubs").checked ? STUB : 0);
    found = [];
    data.calls.forEach((c, i) => {
      if (thread !== "" && c[THREAD] !== Number(thread)) return;
      if (category && data.functions[c[FUNC]][1] !== category) return;
      if (flags && !(c[FLAGS] & flags)) return;
      if (words.every((w) => lines[i].includes(w))) found.push(c);
    });
    page = 0;
    show();
  }

  function show() {
    const body = $("calls").tBodies[0];
    body.replaceChildren();
    for (const c of found.slice(page * PAGE, (page + 1) * PAGE)) {
      const row = body.insertRow();
      row.tabIndex = 0;
      row.append(make("td", "number", String(c[N])), make("td", "number", c[TIME].toFixed(6)), make("td", "", data.threads[c[THREAD]]),
        make("td", "number", duration(c[DUR])));
      const text = make("td", "text");
      const [dll, name] = data.functions[c[FUNC]][0].split("!");
      text.append("\u00a0".repeat(2 * Math.min(c[DEPTH], 20)), make("span", "dim", dll + "!"), make("span", "fn", name), "(" + c[ARGS] + ")",
        make("span", c[FLAGS] & ERROR ? "bad" : c[FLAGS] & STUB ? "warn" : "answer", c[ANSWER]));
      row.append(text);
      const toggle = () => {
        const next = row.nextSibling;
        if (next && next.className === "more") { next.remove(); return; }
        const more = make("tr", "more"), cell = make("td");
        cell.colSpan = 5;
        const parts = ["called from " + (data.callers[c[FROM]] || "?"), "took " + duration(c[DUR])];
        if (c[WAITED]) parts.push("waited " + duration(c[WAITED]));
        parts.push("category " + data.functions[c[FUNC]][1]);
        cell.textContent = parts.join(", ") + (c[MORE] ? "\n" + c[MORE] : "");
        more.append(cell);
        row.after(more);
      };
      row.addEventListener("click", toggle);
      row.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.target === row) toggle(); });
    }
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    $("count").textContent = found.length.toLocaleString("en") + " calls, page " + (page + 1) + " of " + pages;
    $("before").disabled = page === 0;
    $("after").disabled = page + 1 >= pages;
  }

  data.threads.forEach((name, i) => { const o = make("option", "", name); o.value = i; $("thread").append(o); });
  [...new Set(data.functions.map((f) => f[1]))].sort().forEach((name) => $("category").append(make("option", "", name)));
  let timer;
  $("search").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
  for (const id of ["thread", "category", "errors", "stubs"]) $(id).addEventListener("change", search);
  $("before").addEventListener("click", () => { page--; show(); });
  $("after").addEventListener("click", () => { page++; show(); });
  document.addEventListener("click", (e) => {
    const link = e.target.closest("button[data-search]");
    if (!link) return;
    $("search").value = link.dataset.search;
    $("thread").value = $("category").value = "";
    $("errors").checked = link.dataset.errors === "1";
    $("stubs").checked = link.dataset.stubs === "1";
    search();
    $("all-calls").scrollIntoView();
  });
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", "", head.textContent);
      head.replaceChildren(button);
      let down = head.className === "number";
      button.addEventListener("click", () => {
        const key = (row) => { const c = row.cells[column]; return "sort" in c.dataset ? Number(c.dataset.sort) : c.textContent; };
        const rows = [...table.tBodies[0].rows].sort((a, b) => {
          const x = key(a), y = key(b);
          return (typeof x === "number" ? x - y : x.localeCompare(y)) * (down ? -1 : 1);
        });
        table.tBodies[0].append(...rows);
        down = !down;
      });
    });
  }
  const wanted = new URLSearchParams(location.hash.slice(1)).get("q");
  if (wanted) $("search").value = wanted;
  search();
  $("controls").hidden = false;
})();
