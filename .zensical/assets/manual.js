// What readers who hear a page need, and the theme has not.

// A column of a table without a title has no header cell.
for (const header of document.querySelectorAll("th:empty")) {
  header.replaceWith(document.createElement("td"))
}

// The theme adds a toolbar to each block of code, after this script: each gets a name of its own.
const name_toolbars = () => {
  document.querySelectorAll(".md-code__nav").forEach((toolbar, index) => {
    const name = `Code ${index + 1}`
    if (toolbar.getAttribute("aria-label") !== name) toolbar.setAttribute("aria-label", name)
  })
}
new MutationObserver(name_toolbars).observe(document.body, { childList: true, subtree: true })
name_toolbars()
