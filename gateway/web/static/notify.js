// Tells of new texts while nobody looks: a notification for each, shown by the tab that holds the stream, so once
// however many tabs are open, and only while none of them is looked at. Who it is from and what it says comes from
// the server, which leaves out what is not for this reader.
"use strict";

if (window.Notification && window.BroadcastChannel) { // a phone's browser may have none before the panel is installed
  const LOOKED_AT_WITHIN_MS = 1000; // a busy machine's tabs are slow to answer
  const SIGN_OF_US = document.querySelector("link[rel=apple-touch-icon]")?.href;
  const ask = new BroadcastChannel(`looking-${document.body.dataset.session}`);
  const isLookedAt = () => !document.hidden && document.hasFocus();
  let seen = null;

  ask.onmessage = ({ data }) => {
    if (data === "who looks?" && isLookedAt()) ask.postMessage("I am looked at");
    else if (data === "I am looked at") seen?.();
  };

  function whetherSomebodyLooks() {
    if (isLookedAt()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const none = setTimeout(() => resolve(false), LOOKED_AT_WITHIN_MS);
      seen = () => { clearTimeout(none); resolve(true); };
      ask.postMessage("who looks?");
    });
  }

  // What is half written in this tab stays in it.
  function go(href) {
    const isWriting = [...document.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue);
    if (isWriting) window.open(href, "_blank", "noopener");
    else location.assign(href);
  }

  function show({ id, title, body, href }) {
    const shown = new Notification(title, { body, tag: id, icon: SIGN_OF_US, lang: document.documentElement.lang });
    shown.onclick = () => { window.focus(); shown.close(); go(href); };
  }

  document.addEventListener("live-news", async ({ detail: { texts, others } }) => {
    if (!texts.length || Notification.permission !== "granted" || await whetherSomebodyLooks()) return;
    for (const text of texts) show(text);
    if (others) show({ id: "others", title: others, body: "", href: "/" });
  });
}
