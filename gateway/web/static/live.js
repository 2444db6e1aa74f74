// Keeps an open page true without reloading it. What comes of the server (stream.js) says only that something
// happened; this page is then fetched again as it is, and its regions marked data-live are brought up to
// date, child by child, so that focus, typed text and scroll position stay. Without this file all works
// by reloading. A form marked data-asks is asked instead what would happen if it were sent as it stands: with
// the fields it names, and no words of the text.
"use strict";

// The page's own address: an answer to a form stands at the form's, which cannot be fetched.
const here = document.body.dataset.path + location.search;
const said = document.getElementById("lost").dataset; // the words of this script, in the reader's language
let fetching = false;
let again = false;
let cameBack = false;
const asking = document.querySelector("[data-asks]");

// --- fetching the page anew ---------------------------------------------------------------------

function refresh() {
  if (fetching) { again = true; return; }
  if (document.hidden) { again = true; return; }
  fetching = true;
  again = false;
  const request = new XMLHttpRequest();
  request.open(asking ? "POST" : "GET", here);
  request.setRequestHeader("Live", "1");
  request.responseType = "document"; // parsed without running or loading anything
  request.onload = () => {
    if (request.status === 200 && request.response && "path" in request.response.body.dataset) update(request.response);
    done();
  };
  request.onerror = done;
  request.send(asking && question());
}

// What is still being typed is not asked about: half a number is no wrong one.
const unfinished = new Set();

const asked = (name) => asking.dataset.asks.split(" ").includes(name);

function question() {
  const said = new FormData();
  for (const [name, value] of new FormData(asking)) {
    if (name === "csrf_token" || asked(name)) said.set(name, unfinished.has(name) ? "" : value);
  }
  said.set("do", "when");
  return said;
}

asking?.addEventListener("input", ({ target: { name, type } }) => {
  const isTyped = type !== "radio" && type !== "select-one"; // the others are whole at once
  if (isTyped && asked(name) && !unfinished.has(name)) { unfinished.add(name); refresh(); }
});
asking?.addEventListener("change", ({ target: { name } }) => {
  if (asked(name)) { unfinished.delete(name); refresh(); }
});
if (asking) addEventListener("pageshow", refresh); // a browser puts back what was typed

function done() {
  fetching = false;
  if (again) refresh();
}

function update(fresh) {
  document.title = fresh.title;
  document.querySelector("link[rel=icon]").href = fresh.querySelector("link[rel=icon]").href;
  for (const region of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(region.id);
    if (!next) continue;
    if (region.dataset.live === "rows") updateRows(region, next);
    else if (region.dataset.live === "choices") sync(region, next, false);
    else if (region.dataset.live === "log") keepingPlace(region.closest(".scroll"), () => sync(region, next));
    else renew(region, next);
  }
  for (const form of document.querySelectorAll(".write")) {
    const closed = !fresh.querySelector(".write");
    form.hidden = closed && !form.elements.body.value;
    if (closed) document.getElementById("window").replaceChildren(); // another notice says why
  }
  if (cameBack) { cameBack = false; emptyWhatWasSent(); }
}

// Changes only what differs, so that what has the focus keeps it and only the news is read aloud.
function renew(mine, fresh) {
  if (mine.outerHTML === fresh.outerHTML) return;
  const says = (node) => [...node.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.data.trim());
  if (mine.tagName !== fresh.tagName || !fresh.children.length || says(mine) || says(fresh)) {
    mine.replaceWith(document.importNode(fresh, true));
    return;
  }
  const isOpen = mine.tagName === "DETAILS" && mine.open; // opened by a person, not by the server
  for (const { name } of [...mine.attributes]) if (!fresh.hasAttribute(name)) mine.removeAttribute(name);
  for (const { name, value } of fresh.attributes) mine.setAttribute(name, value);
  if (isOpen) mine.open = true;
  const had = [...mine.children];
  [...fresh.children].forEach((child, place) => {
    if (had[place]) renew(had[place], child);
    else mine.append(document.importNode(child, true));
  });
  for (const extra of had.slice(fresh.children.length)) extra.remove();
}

// Texts and conversations are known by their ids, whatever their order; so are times one may choose, of which
// those that stay keep what was chosen and typed in them.
function sync(region, next, renewing = true) {
  const wanted = new Set([...next.children].map((child) => child.id));
  for (const child of [...region.children]) if (!wanted.has(child.id)) child.remove();
  let place = region.firstElementChild;
  for (const child of next.children) {
    const mine = document.getElementById(child.id);
    if (mine && mine !== place) region.insertBefore(mine, place);
    else if (mine) place = place.nextElementSibling;
    else region.insertBefore(document.importNode(child, true), place);
    if (mine && renewing) renew(mine, child);
  }
}

// The list does not move under a reader's eyes: while they are further down, a line says what came.
function updateRows(list, next) {
  const more = document.getElementById("more-new");
  const order = (region) => [...region.children].map((child) => child.id).join(" ");
  const busy = list.scrollTop > 40 || list.contains(document.activeElement);
  if (!busy || order(list) === order(next)) {
    more.hidden = true;
    keepingScroll(list, () => sync(list, next));
    return;
  }
  for (const child of next.children) {
    const mine = document.getElementById(child.id);
    if (mine) renew(mine, child);
  }
  more.hidden = false;
  more.onclick = () => { more.hidden = true; list.scrollTop = 0; sync(list, next); };
}

function keepingScroll(region, change) {
  const top = region.scrollTop;
  change();
  region.scrollTop = top;
}

// The thread stays where it is being read, or at its end. Its scroller counts from the end (0, then down).
function keepingPlace(scroller, change) {
  if (scroller.scrollTop > -4) { change(); scroller.scrollTop = 0; return; }
  const seen = [...scroller.querySelectorAll("article")].find((one) => one.getBoundingClientRect().bottom > scroller.getBoundingClientRect().top);
  const at = seen?.getBoundingClientRect().top;
  const id = seen?.id;
  change();
  const now = id && document.getElementById(id);
  if (now) scroller.scrollTop += now.getBoundingClientRect().top - at;
}

// --- what the server says -----------------------------------------------------------------------

function announce(words, link, href) {
  const bar = document.getElementById("lost");
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = link;
  bar.replaceChildren(words, " ", anchor);
  bar.hidden = false;
}

document.addEventListener("live-change", refresh);
document.addEventListener("live-lost", ({ detail }) => {
  const clock = new Date(detail.lostAt).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  announce(said.lost.replace("{clock}", clock), said.again, here);
});
document.addEventListener("live-found", () => { document.getElementById("lost").hidden = true; refresh(); });
document.addEventListener("live-ended", () => announce(said.out, said.in, "/sign-in"));

// How many are unread stands before the title and on the icon, in tabs nobody looks at as well.
function showUnread(unread) {
  document.title = (unread ? `(${unread}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  const icon = document.querySelector("link[rel=icon]");
  icon.href = unread ? icon.dataset.unread : icon.dataset.read;
  if (unread) navigator.setAppBadge?.(unread).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

document.addEventListener("live-unread", ({ detail }) => showUnread(detail.unread));

document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.getElementById("lost").hidden = true;
  cameBack = true;
  refresh();
});

// What is said of clocks is true for a minute: the page is fetched anew as the next one begins.
function eachMinute() {
  setTimeout(() => { refresh(); eachMinute(); }, 60000 - (Date.now() % 60000) + 500);
}
if (document.querySelector("[data-each-minute]")) eachMinute();

// --- writing ------------------------------------------------------------------------------------

// A date that is typed, or a clock that is chosen, chooses its row.
for (const field of document.querySelectorAll("[data-picks]")) {
  field.addEventListener("input", () => { document.getElementById(field.dataset.picks).checked = true; });
}

// Words of a text that did not go are put into the box beside what stands there already.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-words]");
  const box = document.querySelector(".write textarea");
  if (!link || !box || box.form.hidden) return;
  event.preventDefault();
  box.value = box.value.trim() ? `${box.value}\n${link.dataset.words}` : link.dataset.words;
  box.dispatchEvent(new Event("input"));
  box.focus();
});

for (const form of document.querySelectorAll("[data-once]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector(".send");
    const noContact = !document.getElementById("lost").hidden; // the words would be lost with the page
    if (noContact || button.getAttribute("aria-disabled")) { event.preventDefault(); return; }
    button.setAttribute("aria-disabled", "true");
    button.dataset.words = button.textContent;
    button.textContent = said.sending;
  });
}

// A browser puts what was typed back into its box when one goes back, though it may have been sent since.
function emptyWhatWasSent() {
  const box = document.querySelector(".write textarea");
  const sent = [...document.querySelectorAll(".msg-out .bubble")].map((bubble) => bubble.textContent);
  if (!box || box.value === box.defaultValue || !sent.includes(box.value)) return;
  box.value = "";
  box.dispatchEvent(new Event("input"));
}

addEventListener("pageshow", () => {
  emptyWhatWasSent();
  for (const button of document.querySelectorAll(".send[aria-disabled]")) { button.removeAttribute("aria-disabled"); button.textContent = button.dataset.words; }
});
document.getElementById("refused")?.focus();
