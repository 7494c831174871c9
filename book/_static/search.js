// Sphinx appends to a search result what makeSearchSummary returns, and that is null for a section without text.
document.addEventListener("DOMContentLoaded", () => {
  const summary = Search.makeSearchSummary;
  Search.makeSearchSummary = (...given) => summary(...given) || document.createDocumentFragment();
});
