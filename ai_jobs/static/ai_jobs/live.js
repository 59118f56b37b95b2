// Keeps parts of a page fresh: <section data-live="address" data-every="3"> is replaced by what the address answers,
// every so many seconds, while the page can be seen. An answer without data follows a sign-out: the page is loaded anew.
(() => {
  "use strict";

  const keepState = (part) => {
    const open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    return () => {
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (focused) document.getElementById(focused)?.focus();
    };
  };

  const refresh = async (part) => {
    let answer;
    try {
      answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
    } catch {
      part.dataset.state = "unreachable";
      return;
    }
    if (answer.redirected) {
      window.location.reload();
      return;
    }
    part.dataset.state = answer.ok ? "live" : "unreachable";
    if (!answer.ok) return;
    const text = await answer.text();
    const restore = keepState(part);
    part.innerHTML = text;
    restore();
    if (answer.headers.get("X-Live") === "over") delete part.dataset.live;
  };

  const follow = (part) => {
    let timer;
    const turn = async () => {
      clearTimeout(timer);
      if (document.hidden || !part.dataset.live) return;
      await refresh(part);
      clearTimeout(timer);
      timer = setTimeout(turn, 1000 * Number(part.dataset.every));
    };
    timer = setTimeout(turn, 1000 * Number(part.dataset.every));
    document.addEventListener("visibilitychange", turn);
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-live]").forEach(follow));
})();
