// Keys of the list of conversations, and the notice with Undo that goes by itself. All of it can be done
// without this file: by links, by the form of several, by the buttons of a thread.
"use strict";

const UNDO_MS = 10000;
const inbox = document.getElementById("list");
const help = document.getElementById("keys");

// --- what was just done ---------------------------------------------------------------------------

// An address that says what was done would say so again when it is loaded anew.
function forgetWhatWasDone() {
  const address = new URL(location.href);
  if (!address.searchParams.has("did")) return;
  address.searchParams.delete("did");
  address.searchParams.delete("of");
  history.replaceState(history.state, "", address);
}

forgetWhatWasDone();
const undone = document.getElementById("undone");
function goAway() {
  // Whoever is about to press it keeps it.
  if (undone.matches(":hover") || undone.contains(document.activeElement)) setTimeout(goAway, UNDO_MS);
  else undone.replaceChildren();
}
if (undone?.children.length) setTimeout(goAway, UNDO_MS);

// --- keys -----------------------------------------------------------------------------------------

const rows = () => [...inbox.querySelectorAll(".conv")];
const current = () => document.activeElement?.closest?.(".conv") ?? inbox.querySelector(".conv[aria-current]");
const tickOf = (row) => row?.closest("li").querySelector("input[name=id]");

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
}

// The row alone, unless several are chosen: those are meant then.
function choose(row) {
  const ticked = inbox.querySelectorAll("input[name=id]:checked").length;
  const tick = tickOf(row);
  if (!ticked && tick) tick.checked = true;
  return ticked || tick;
}

function act(what) {
  if (!choose(current())) return;
  inbox.querySelector(`#bulk button[value="${what}"]`)?.click();
}

function ask(field) {
  if (!choose(current())) return;
  document.getElementById("several").open = true;
  document.getElementById(field)?.focus();
}

// On the page of a thread its own menus are meant.
function inThread(selector) {
  const found = document.querySelector(`.thread-head ${selector}`);
  if (!found || found.offsetParent === null || document.activeElement?.closest(".list")) return false;
  found.click();
  if (found.tagName === "SUMMARY") found.parentElement.querySelector("button, input:not([type=hidden])")?.focus();
  return true;
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => {
    const tick = tickOf(current());
    if (!tick) return;
    document.getElementById("several").open = true;
    tick.checked = !tick.checked;
  },
  e: () => inThread("#head-close") || act("close"),
  s: () => inThread(".menu-snooze > summary") || ask("bulk-until"),
  a: () => inThread(".menu-assign > summary") || ask("bulk-to"),
  u: () => act("unread"),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => help.showModal(),
};

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
}

if (inbox && "keys" in inbox.dataset) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
