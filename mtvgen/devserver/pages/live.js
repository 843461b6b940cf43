// Reloads the page when the project has changed; `mtvgen runserver` puts it into every page.
// It streams only while the page is visible, because a browser opens six connections to a host,
// over all its tabs. A page that was hidden, or comes back from the history, compares generations.
(() => {
  const shown = document.currentScript.src.split("?")[1];
  let stream;
  const swapStyles = () => {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(old.href);
      if (url.origin !== location.origin) continue;
      url.searchParams.set("mtvgen", Date.now());
      const fresh = old.cloneNode();
      fresh.href = url;
      fresh.onload = fresh.onerror = () => old.remove();
      old.after(fresh);
    }
  };
  const listen = () => {
    if (stream || document.hidden) return;
    stream = new EventSource("/__mtvgen__/live");
    stream.addEventListener("hello", (event) => {
      // Once for each pair: what is shown again and again by a cache is not to be asked for again.
      const pair = `${shown} ${event.data} ${location}`;
      if (event.data === shown || sessionStorage.mtvgen === pair) return;
      sessionStorage.mtvgen = pair;
      location.reload();
    });
    stream.addEventListener("reload", () => location.reload());
    stream.addEventListener("style", swapStyles);
  };
  const stop = () => {
    if (stream) stream.close();
    stream = undefined;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listen);
  listen();
})();
