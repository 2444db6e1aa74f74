// What helps in writing a text: the counter, and below the box what the server says of the words so far: which
// characters cost most, what reads oddly, what is not filled in. Templates and earlier answers are put into the
// box. Without this file all of it works by forms. Words come from the page, never from here.
"use strict";

// --- the counter --------------------------------------------------------------------------------

const counter = document.getElementById("count");
const saying = JSON.parse(counter.dataset.say);
const unseen = JSON.parse(counter.dataset.names);
const plurals = new Intl.PluralRules(document.documentElement.lang);
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

// By the rules the server cuts a text with: what a reader takes for one character stays whole. What the line
// cannot carry stands on the box, or on the chosen line: data-unicode, data-lacks, data-long.
function count(box) {
  const { basic, extended } = box.dataset;
  const line = box.form.querySelector("#line option:checked")?.dataset ?? box.dataset;
  const septets = (char) => (basic.includes(char) ? 1 : extended.includes(char) ? 2 : 0);
  const different = [...new Set(box.value)];
  const guilty = different.filter((char) => !septets(char));
  const cost = (text) => (guilty.length ? text.length : [...text].reduce((sum, char) => sum + septets(char), 0));
  const [single, many] = guilty.length ? [70, 67] : [160, 153];
  const missing = different.filter((char) => (septets(char) ? line.lacks?.includes(char) : line.unicode === "no"));
  if (missing.length) return { wrong: true, words: filled(saying.cannotWrite, { characters: named(missing) }) };
  let [texts, used, capacity] = [1, cost(box.value), single];
  if (used > single) {
    [texts, used, capacity] = [...fill(box.value, cost, many), many];
    texts = texts.length;
    if (texts > 255) return { wrong: true, words: filled(saying.tooLong, { count: texts }) };
    if (line.long === "refuse") return { wrong: true, words: filled(saying.oneOnly, { count: texts }) };
    if (line.long === "number") return { words: filled(saying.numbered, { count: numbered(box.value, cost, single) }) };
  }
  const [one, several] = guilty.length ? saying.guilty : saying.plain;
  const sentence = plurals.select(texts) === "one" ? one : several;
  return { words: filled(sentence, { left: capacity - used, count: texts, guilty: blamed(guilty) }) };
}

const code = (char) => "U+" + char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

// The first characters that make it cost more; those one can see before those that are only named.
function blamed(characters) {
  const name = (char) => unseen[char] ?? (/[\p{C}\p{Z}\p{M}]/u.test(char) ? code(char) : char);
  const seen = characters.filter((char) => name(char) === char);
  return (seen.length ? seen : characters.map(name)).slice(0, 3).join(" ");
}

function named(characters) {
  const shown = characters.slice(0, 5).map((char) => (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(char) ? code(char) : char));
  const more = characters.length - shown.length;
  return (more ? [...shown, `${more} more`] : shown).join(", ");
}

// Part after part, and the units used in the last.
function fill(text, cost, room) {
  const parts = [""];
  let used = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    if (used + cost(segment) > room) { parts.push(""); used = 0; }
    parts[parts.length - 1] += segment;
    used += cost(segment);
  }
  return [parts, used];
}

// Into how many singles that begin with 1/3, 2/3 and so on a text is cut, at words.
function numbered(text, cost, single) {
  for (let total = Math.ceil(cost(text) / single); total <= 255; ) {
    const pieces = atWords(text, cost, single - `${total}/${total} `.length).length;
    if (pieces <= total) return pieces;
    total = pieces;
  }
  return 256;
}

function atWords(text, cost, room) {
  const parts = [];
  let current = "";
  for (const [, space, word] of text.matchAll(/([ \t\r\n]*)([^ \t\r\n]+)/g)) {
    const longer = current ? current + space + word : word;
    if (cost(longer) <= room) { current = longer; continue; }
    const full = [current, ...fill(word, cost, room)[0]];
    current = full.pop();
    parts.push(...full.filter(Boolean));
  }
  return current ? [...parts, current] : parts;
}

for (const box of document.querySelectorAll("[data-counts]")) {
  const show = () => {
    const { words, wrong } = count(box);
    counter.textContent = words;
    counter.classList.toggle("error", Boolean(wrong));
  };
  box.addEventListener("input", show);
  box.form.querySelector("#line")?.addEventListener("change", show);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
  });
}

// --- what is said of the words ------------------------------------------------------------------

const LOOK_AFTER_MS = 400;
const PLACE = /\{(first_name|name|office|line|me|field:[^{}|\n]{1,40})(\|[^{}\n]*)?\}/;
const replyForm = document.querySelector("form[data-looks]");
const advised = document.getElementById("advice");

function fetched(method, address, fields, take) {
  const request = new XMLHttpRequest();
  request.open(method, address);
  request.setRequestHeader("Live", "1");
  request.responseType = "document"; // parsed without running or loading anything
  request.onload = () => { if (request.status === 200 && request.response) take(request.response); };
  request.send(fields);
}

function putIn(box, words, atTheBeginning = false) {
  const before = box.value.trimEnd();
  if (atTheBeginning) box.value = box.value.trim() ? `${words.trimEnd()}\n${box.value}` : words;
  else box.value = before ? `${before}\n${words}` : words;
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

if (replyForm) {
  const box = replyForm.elements.body;
  const button = replyForm.querySelector(".send");
  let asked = 0;

  const look = () => {
    const fields = new FormData();
    fields.set("csrf_token", replyForm.elements.csrf_token.value);
    fields.set("body", box.value);
    const words = box.value;
    fetched("POST", replyForm.dataset.looks, fields, (fresh) => {
      if (box.value !== words) return; // another question is on its way
      advised.replaceChildren(...[...fresh.getElementById("advice").childNodes].map((one) => document.importNode(one, true)));
    });
  };
  const check = () => { button.disabled = PLACE.test(box.value); };

  box.addEventListener("input", () => { check(); clearTimeout(asked); asked = setTimeout(look, LOOK_AFTER_MS); });
  replyForm.addEventListener("submit", (event) => {
    const asksHere = !event.submitter?.hasAttribute("formaction");
    if (asksHere && PLACE.test(box.value)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  addEventListener("pageshow", check);

  // Buttons that work as forms without this file change the box where it is.
  replyForm.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-swap], button[data-put]");
    if (!pressed) return;
    event.preventDefault();
    if (pressed.dataset.put !== undefined) {
      putIn(box, pressed.dataset.put, Boolean(pressed.closest("#advice")));
      return;
    }
    for (const [from, to] of JSON.parse(pressed.dataset.swap)) box.value = box.value.replaceAll(from, to);
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // --- templates: / in the empty box, or after a line of its own ---
  const list = document.getElementById("template-choices");
  const menu = document.getElementById("templates");
  let choices = null;
  let chosen = 0;

  const begun = () => /(?:^|\n)\/([^\n/]{0,40})$/.exec(box.value.slice(0, box.selectionStart));
  const folded = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const used = (id) => {
    const fields = new FormData();
    fields.set("csrf_token", replyForm.elements.csrf_token.value);
    fields.set("template", id);
    fetch(`${replyForm.dataset.templates}/used`, { method: "POST", body: fields, headers: { Live: "1" } }).catch(() => {});
  };
  const withChoices = (then) => {
    if (choices) { then(); return; }
    fetched("GET", replyForm.dataset.templates, null, (page) => {
      choices = [...page.querySelectorAll("[role=option]")].map((one) => document.importNode(one, true));
      for (const one of choices) one.addEventListener("mousedown", (event) => { event.preventDefault(); take(one); });
      then();
    });
  };
  const close = () => { list.hidden = true; box.removeAttribute("aria-activedescendant"); };

  function offer() {
    const match = begun();
    if (!match) { close(); return; }
    const wanted = folded(match[1]).trim();
    const fitting = choices.filter((one) => folded(one.dataset.name).includes(wanted) || (wanted.length > 2 && folded(one.dataset.words).includes(wanted)));
    chosen = Math.min(chosen, Math.max(0, fitting.length - 1));
    list.replaceChildren(...fitting);
    fitting.forEach((one, index) => one.setAttribute("aria-selected", index === chosen));
    list.hidden = !fitting.length;
    if (!fitting.length) { close(); return; }
    box.setAttribute("aria-activedescendant", fitting[chosen].id);
    fitting[chosen].scrollIntoView({ block: "nearest" });
  }

  function take(one) {
    const match = begun();
    if (match) box.setRangeText(one.dataset.words, box.selectionStart - match[1].length - 1, box.selectionStart, "end");
    else putIn(box, one.dataset.words);
    close();
    used(one.dataset.id);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  if (menu) {
    box.addEventListener("input", () => { if (begun()) withChoices(offer); else close(); });
    box.addEventListener("blur", close);
    box.addEventListener("keydown", (event) => {
      if (list.hidden || event.ctrlKey || event.metaKey) return;
      const many = list.children.length;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        chosen = (chosen + (event.key === "ArrowDown" ? 1 : many - 1)) % many;
        offer();
      } else if (event.key === "Enter" || event.key === "Tab") take(list.children[chosen]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    });
    menu.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      const id = menu.querySelector("select").value;
      withChoices(() => { const one = choices.find((choice) => choice.dataset.id === id); if (one) { menu.open = false; take(one); } });
    });
  }

  // --- earlier answers, beside the box when they are asked for ---
  const similar = document.getElementById("similar");
  const answers = document.getElementById("similar-answers");
  similar.setAttribute("role", "button");
  similar.setAttribute("aria-expanded", "false");
  similar.setAttribute("aria-controls", answers.id);
  similar.addEventListener("click", (event) => {
    event.preventDefault();
    if (!answers.hidden) { answers.hidden = true; similar.setAttribute("aria-expanded", "false"); return; }
    fetched("GET", similar.href, null, (page) => {
      answers.replaceChildren(...[...page.getElementById("answers").children].filter((one) => !one.matches("input")).map((one) => document.importNode(one, true)));
      answers.hidden = false;
      similar.setAttribute("aria-expanded", "true");
    });
  });
}
