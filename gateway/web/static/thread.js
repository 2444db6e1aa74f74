// A thread: drafts saved as one types, who is there, names after @, older texts on the way up, and what came said
// to screen readers. Without this file all of it works by forms and links, but for who is writing. Words come
// from the page, never from here.
"use strict";

const place = document.body.dataset.path;
const log = document.getElementById("log");
const token = document.querySelector("[name=csrf_token]").value;

function tell(address, fields, leaving = false) {
  const body = new FormData();
  body.set("csrf_token", token);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return fetch(address, { method: "POST", body, headers: { Live: "1" }, keepalive: leaving }).catch(() => {});
}

// --- drafts -------------------------------------------------------------------------------------

const SAVE_AFTER_MS = 1200;

for (const form of document.querySelectorAll("[data-draft]")) {
  const box = form.elements.body;
  let saved = box.defaultValue;
  let waits = 0;
  let isSent = false;
  const save = (leaving = false) => {
    clearTimeout(waits);
    if (isSent || box.value === saved) return;
    saved = box.value;
    tell(form.dataset.draft, { kind: form.dataset.kind, body: saved }, leaving);
  };
  box.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(save, SAVE_AFTER_MS); });
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) { isSent = true; clearTimeout(waits); } });
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });
  addEventListener("pagehide", () => save(true));
  addEventListener("pageshow", () => { isSent = false; });
}

// --- how far was seen, when one began to write ---------------------------------------------------

const reply = document.getElementById("reply-form");
if (reply) {
  const box = reply.elements.body;
  let isEmpty = !box.value.trim();
  box.addEventListener("input", () => {
    if (isEmpty) reply.elements.seen_up_to.value = document.getElementById("seen-now").dataset.seen;
    isEmpty = !box.value.trim();
  });
}

// --- who is there -------------------------------------------------------------------------------

const SAY_EVERY_MS = 20000;
const IDLE_AFTER_MS = 6000;
let doing = "reading";
let typedAt = 0;

function say(what) {
  doing = what;
  tell(`${place}/presence`, { doing: what }, what === "gone");
}

function beHere() {
  if (document.hidden) return;
  say(Date.now() - typedAt < IDLE_AFTER_MS ? "writing" : "reading");
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest("[data-draft]")) return;
  typedAt = Date.now();
  if (doing !== "writing") beHere();
});
setInterval(() => { if (doing === "writing" && Date.now() - typedAt >= IDLE_AFTER_MS) beHere(); }, 1000);
setInterval(beHere, SAY_EVERY_MS);
document.addEventListener("visibilitychange", () => { if (document.hidden) say("gone"); else beHere(); });
addEventListener("pagehide", () => say("gone"));
beHere();

// Asked for as a document, which runs and loads nothing.
function fetchPage(address, take) {
  const request = new XMLHttpRequest();
  request.open("GET", address);
  request.setRequestHeader("Live", "1");
  request.responseType = "document";
  request.onloadend = () => take(request.status === 200 ? request.response : null);
  request.send();
}

document.addEventListener("live-presence", ({ detail }) => { if (place.endsWith(`/${detail.conversation}`)) refresh(); }); // live.js

// --- said to screen readers ----------------------------------------------------------------------

// Only texts that come in are announced, "Karen: ...", those of a second together; and once what became of one's
// own last text.
const known = new Set([...log.children].map((child) => child.id));
let mine = lastState();
let news = [];
let announces = 0;

function lastState() {
  const last = [...log.querySelectorAll(".msg-out")].pop();
  return last ? { id: last.id, words: last.querySelector(".state")?.textContent ?? "" } : null;
}

new MutationObserver((changes) => {
  keepWhatMovedOn(changes);
  for (const child of log.children) {
    if (known.has(child.id)) continue;
    known.add(child.id);
    if (child.matches(".msg:not(.msg-out)")) news.push(`${child.querySelector(".by bdi").textContent}: ${child.querySelector(".bubble")?.textContent ?? child.querySelector("p").textContent}`);
  }
  const now = lastState();
  if (now && mine && now.id === mine.id && now.words !== mine.words) news.push(now.words);
  mine = now;
  if (!news.length) return;
  clearTimeout(announces);
  announces = setTimeout(() => { document.getElementById("announced").textContent = news.join("\n"); news = []; }, 1000);
}).observe(log, { childList: true, subtree: true, characterData: true });

// --- older texts on the way up -------------------------------------------------------------------

const scroller = document.getElementById("scroll");
const earlier = document.getElementById("earlier");
let isFetching = false;

function olderLink() {
  return (earlier.hidden ? log : earlier).querySelector(".older-link");
}

function fetchOlder() {
  const link = olderLink();
  if (!link || isFetching) return;
  isFetching = true;
  fetchPage(link.href, (page) => {
    isFetching = false;
    const fresh = page?.getElementById("log");
    if (!fresh) return;
    fresh.querySelector("#newest")?.remove();
    const pieces = [...fresh.children].map((child) => document.importNode(child, true));
    for (const piece of pieces) if (!piece.matches("article")) piece.removeAttribute("id");
    const fromEnd = scroller.scrollTop; // it counts from the end, so what is put above moves nothing
    if (!earlier.hidden) link.closest("p").remove();
    earlier.prepend(...pieces);
    earlier.hidden = false;
    scroller.scrollTop = fromEnd;
  });
}

scroller.addEventListener("scroll", () => {
  if (scroller.scrollHeight + scroller.scrollTop - scroller.clientHeight < 200) fetchOlder();
}, { passive: true });

// What new texts push off the newest page joins the older ones, where those are shown.
function keepWhatMovedOn(changes) {
  if (earlier.hidden) return;
  for (const { removedNodes, target } of changes) {
    if (target !== log) continue;
    for (const gone of removedNodes) if (gone.matches?.("article, .call") && !document.getElementById(gone.id)) earlier.append(gone);
  }
}

// --- @names -------------------------------------------------------------------------------------

for (const box of document.querySelectorAll("[data-people]")) {
  const people = JSON.parse(box.dataset.people);
  const list = document.getElementById(box.dataset.mentions);
  let chosen = 0;

  const begun = () => /(?:^|[^\p{L}\p{N}_@.])@([\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]*)?)$/u.exec(box.value.slice(0, box.selectionStart));
  const fitting = (word) => people.filter(([username, name]) => [username, name].some((one) => one.toLocaleLowerCase().startsWith(word.toLocaleLowerCase()))).slice(0, 6);

  function show() {
    const match = begun();
    const found = match ? fitting(match[1]) : [];
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    list.replaceChildren(...found.map(([username, name], index) => {
      const option = document.createElement("button");
      option.type = "button";
      option.id = `mention-${index}`;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", index === chosen);
      option.textContent = `${name} (@${username})`;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(username); });
      return option;
    }));
    list.hidden = !found.length;
    if (found.length) box.setAttribute("aria-activedescendant", `mention-${chosen}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function take(username) {
    const match = begun();
    const at = box.selectionStart;
    const start = at - match[1].length;
    box.setRangeText(`${username} `, start, at, "end");
    list.hidden = true;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  box.addEventListener("input", show);
  box.addEventListener("blur", () => { list.hidden = true; });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      show();
    } else if (event.key === "Enter" || event.key === "Tab") {
      list.children[chosen].dispatchEvent(new Event("mousedown"));
    } else if (event.key === "Escape") {
      list.hidden = true;
    } else return;
    event.preventDefault();
  });
}

// --- print, and one menu open at a time ----------------------------------------------------------

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => { button.closest("details").open = false; print(); });
}

document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.(".menu[open]")) return;
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== target) menu.open = false;
}, true);
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key, target }) => {
  const menu = key === "Escape" && target.closest?.(".menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

const noteBox = document.getElementById("note-box");
noteBox?.addEventListener("toggle", () => { if (noteBox.open) document.getElementById("note").focus(); });

// --- keys, beside those of the list --------------------------------------------------------------

const THREAD_KEYS = {
  r: () => { if (noteBox) noteBox.open = false; document.getElementById("reply")?.focus(); },
  n: () => { if (noteBox) { noteBox.open = true; document.getElementById("note").focus(); } },
  t: () => {
    const menu = document.getElementById("head-more");
    if (!menu) return;
    menu.open = true;
    document.getElementById("head-tag")?.focus();
  },
};

if ("keys" in (document.getElementById("list")?.dataset ?? {})) {
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Escape" && target.matches("#reply, #note") && !event.defaultPrevented) target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !THREAD_KEYS[key]) return;
    if (target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) return;
    event.preventDefault();
    THREAD_KEYS[key]();
  });
}
