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
