// Hands on what the browser refuses of this page, by its Content-Security-Policy, so that the
// terminal of `mtvgen runserver` can say so. It is in the head, because most of it is refused
// while the page is read. A page reports twenty violations at most.
(() => {
  const own = "/__mtvgen__/";
  let waiting = [];
  let left = 20;
  const send = () => {
    const body = JSON.stringify(waiting);
    waiting = [];
    fetch(`${own}refused`, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.disposition !== "enforce" || event.blockedURI.includes(own) || !left) return;
    left -= 1;
    if (!waiting.length) setTimeout(send, 300);
    waiting.push({
      directive: event.effectiveDirective,
      blocked: event.blockedURI.slice(0, 300),
      file: event.sourceFile,
      line: event.lineNumber,
      policy: event.originalPolicy.slice(0, 2000),
      page: location.pathname,
    });
  });
})();
