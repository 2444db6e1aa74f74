// Knows what happens on the server, for all tabs of a browser together. One tab holds the event stream (browsers
// allow about six connections to a site) and tells the others; which one, a lock says (Web Locks), so another takes
// over as soon as it closes. Where there are no locks (plain http beyond this computer, old browsers) each tab that
// is looked at has a stream of its own. Where no stream comes through, the server is asked every ten seconds.
// Whoever wants to know listens for the document's events live-change, live-presence, live-lost, live-found,
// live-ended and live-unread; live-news is told in the tab alone that holds the stream.
"use strict";

{
const BEAT_LATE_MS = 40000; // the server says something every 15 s
const OPENS_WITHIN_MS = 8000; // its first words come at once, unless something on the way keeps them
const POLL_MS = 10000;
const TRY_AGAIN_MS = 60000;
const WATCH_MS = 10000;
const HIDDEN_MS = 5 * 60000;
const OWNER_SILENT_MS = 90000; // timers of a hidden tab run once a minute
const COUNT_AFTER_MS = 400;

const page = document.body.dataset;
const canShare = Boolean(navigator.locks && window.BroadcastChannel && page.session);
const share = { name: `live-${page.session}`, channel: null, wants: false, waiting: null, release: null };
const stream = { source: null, isPolling: false, heardAt: Date.now(), lostAt: 0, timers: [] };
const known = { cursor: Number(page.lastEvent), told: Number(page.lastEvent), moved: "" };
let isOver = false;
let counts = 0;

const isOwner = () => Boolean(share.release) || (!canShare && share.wants);
const notifies = () => canShare && "Notification" in window && Notification.permission === "granted" && page.notify !== "nothing";
const around = (ms) => ms * (0.8 + Math.random() * 0.4); // so that not all come at once

// --- telling the other tabs ---------------------------------------------------------------------

function tell(say, detail = {}) {
  share.channel?.postMessage({ say, ...detail });
  hear({ say, ...detail });
}

function hear(message) {
  const { say, cursor = 0, last, lostAt } = message;
  if (say === "hello") known.cursor = Math.min(known.cursor, cursor); // a restored database has fewer events
  if (last) known.told = last;
  if (say === "ended") {
    isOver = true;
    leave();
  }
  if (lostAt !== undefined && lostAt !== stream.lostAt) {
    stream.lostAt = lostAt;
    document.dispatchEvent(new CustomEvent(lostAt ? "live-lost" : "live-found", { detail: { lostAt } }));
  }
  if (cursor > known.cursor) {
    known.cursor = cursor;
    document.dispatchEvent(new CustomEvent("live-change", { detail: message }));
  }
  document.dispatchEvent(new CustomEvent(`live-${say}`, { detail: message }));
}

function openChannel() {
  if (!canShare || share.channel) return;
  share.channel = new BroadcastChannel(share.name);
  share.channel.onmessage = ({ data }) => {
    if (!isOwner() && "lostAt" in data) stream.heardAt = Date.now();
    hear(data);
  };
}

// --- who holds the stream -----------------------------------------------------------------------

function want(how = {}) {
  if (isOver || (share.wants && !how.steal)) return;
  share.wants = true;
  if (!canShare) { open(); return; }
  share.waiting?.abort();
  share.waiting = new AbortController();
  const { signal } = share.waiting;
  navigator.locks.request(share.name, how.steal ? how : { signal }, () => own(signal)).catch((error) => {
    if (signal.aborted) return;
    if (error.name !== "AbortError") throw error;
    close(); // another tab took it: this one was silent for long
    share.release = null;
    share.wants = false;
    if (!document.hidden || notifies()) want();
  });
}

function own(signal) {
  if (signal.aborted || !share.wants) return undefined;
  return new Promise((resolve) => { share.release = resolve; open(); });
}

function leave() {
  share.wants = false;
  share.waiting?.abort();
  close();
  share.release?.();
  share.release = null;
}

// --- the stream ---------------------------------------------------------------------------------

function later(act, ms) { stream.timers.push(setTimeout(act, ms)); }

function close() {
  stream.source?.close();
  stream.source = null;
  stream.isPolling = false;
  for (const timer of stream.timers) clearTimeout(timer);
  stream.timers = [];
}

function heard(say, detail = {}) {
  stream.heardAt = Date.now();
  tell(say, { lostAt: 0, ...detail });
}

function open() {
  close();
  stream.heardAt = Date.now();
  const source = new EventSource(`/events?after=${known.cursor}`);
  stream.source = source;
  const silent = setTimeout(poll, OPENS_WITHIN_MS);
  stream.timers.push(silent);
  source.addEventListener("hello", ({ data }) => {
    clearTimeout(silent);
    heard("hello", { cursor: Number(data) });
    if (known.told < known.cursor) count();
  });
  source.addEventListener("beat", () => heard("beat"));
  source.addEventListener("change", ({ data, lastEventId }) => {
    const { kind } = JSON.parse(data);
    heard("event", { cursor: Number(lastEventId), kind });
    if (/^(message\.received|conversation\.|call\.)/.test(kind)) count();
  });
  source.addEventListener("presence", ({ data }) => heard("presence", JSON.parse(data)));
  source.addEventListener("end", () => tell("ended"));
  source.onerror = () => {
    clearTimeout(silent);
    if (source.readyState === EventSource.CLOSED) poll(); // it was refused: the answer says why
    else lost();
  };
}

function lost() {
  tell("lost", { lostAt: stream.lostAt || Date.now() });
}

// Without a stream: asked for, and now and then it is tried again.
function poll() {
  close();
  stream.isPolling = true;
  later(open, around(TRY_AGAIN_MS));
  const again = () => ask().then(() => { if (stream.isPolling) later(again, around(POLL_MS)); });
  again();
}

async function ask() {
  let answer;
  try {
    answer = await fetch(`/news?after=${known.told}&moved=${known.moved}`, { headers: { Live: "1" }, redirect: "manual", cache: "no-store" });
  } catch {
    answer = Response.error();
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) { tell("ended"); return; }
  if (!answer.ok) {
    if (stream.isPolling) lost();
    return;
  }
  const news = await answer.json();
  known.moved = news.moved;
  if (stream.isPolling) {
    heard("event", { cursor: news.last });
    for (const conversation of news.presence) heard("presence", { conversation });
  }
  tell("unread", { unread: news.unread, last: news.last });
  document.dispatchEvent(new CustomEvent("live-news", { detail: news }));
}

// Several things that happen at once are asked about once.
function count() {
  clearTimeout(counts);
  counts = setTimeout(ask, COUNT_AFTER_MS);
}

// --- looking after it ---------------------------------------------------------------------------

function watch() {
  const silence = Date.now() - stream.heardAt;
  if (isOver) return;
  if (isOwner()) {
    if (stream.source && silence > BEAT_LATE_MS) { lost(); open(); }
    else share.channel?.postMessage({ say: "beat", lostAt: stream.lostAt, cursor: known.cursor });
  } else if (share.wants && !document.hidden && silence > OWNER_SILENT_MS) {
    want({ steal: true });
  }
}

// A hidden tab lets go after a while, unless somebody asked to be told of what comes.
let hides = 0;
function onVisibility() {
  clearTimeout(hides);
  if (!document.hidden) {
    if (!share.wants) stream.heardAt = Date.now();
    want();
    watch();
  } else if (!canShare) leave();
  else hides = setTimeout(() => { if (document.hidden && !notifies()) leave(); }, HIDDEN_MS);
}

function begin() {
  openChannel();
  onVisibility();
  if (canShare) want();
}

function end() {
  leave();
  share.channel?.close();
  share.channel = null;
}

document.addEventListener("visibilitychange", onVisibility);
addEventListener("pagehide", end);
addEventListener("pageshow", (event) => { if (event.persisted) { isOver = false; begin(); } });
setInterval(watch, WATCH_MS);
begin();
}
