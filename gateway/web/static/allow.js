// Whether this browser may show notifications, and the button that asks it. Nothing asks by itself.
"use strict";

{
  const words = document.getElementById("notify-here");
  const button = document.getElementById("notify-ask");
  const canShow = "Notification" in window && navigator.locks && window.BroadcastChannel;

  function say(state) {
    words.textContent = words.dataset[state];
    button.hidden = state !== "default";
  }

  // Browsers of phones have the word, and refuse to show anything from a page.
  async function ask() {
    const answer = await Notification.requestPermission();
    if (answer !== "granted") { say(answer); return; }
    try {
      new Notification(words.dataset.test, { tag: "test" });
      say("granted");
    } catch {
      say("none");
    }
  }

  if (words) {
    say(canShow ? Notification.permission : "none");
    button.addEventListener("click", ask);
  }
}
