"use strict";
(function () {
  function value(row, column) {
    var cell = row.cells[column];
    var key = cell.getAttribute("data-k");
    if (key === null) return cell.textContent.trim();
    var number = Number(key);
    return Number.isNaN(number) ? key : number;
  }
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a.localeCompare(b, document.documentElement.lang);
  }
  document.querySelectorAll("thead button").forEach(function (button) {
    button.addEventListener("click", function () {
      var head = button.parentElement;
      var down = head.getAttribute("aria-sort") === "ascending";
      head.parentElement.querySelectorAll("th").forEach(function (th) { th.setAttribute("aria-sort", "none"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var column = head.cellIndex;
      head.closest("table").querySelectorAll("tbody").forEach(function (body) {
        var rows = Array.from(body.rows).filter(function (row) { return !row.classList.contains("band"); });
        rows.map(function (row) { return [value(row, column), row]; })
          .sort(function (a, b) { return down ? compare(b[0], a[0]) : compare(a[0], b[0]); })
          .forEach(function (pair) { body.appendChild(pair[1]); });
      });
    });
  });
  // On a phone a chart can be made large: it scrolls in its own box then.
  document.querySelectorAll(".larger").forEach(function (button) {
    button.addEventListener("click", function () {
      var picture = button.closest(".picture"), large = picture.classList.toggle("large");
      button.setAttribute("aria-pressed", String(large));
      picture.querySelector(".drawn").tabIndex = large ? 0 : -1;
    });
  });
  function unfold(target) {
    for (var up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  }
  document.querySelectorAll("a[href^='#']").forEach(function (link) {
    link.addEventListener("click", function () {
      var target = document.getElementById(link.getAttribute("href").slice(1));
      if (target) unfold(target);
    });
  });
  // The contents stay at hand: beside the text where there is room, else a bar that unfolds.
  document.querySelectorAll(".contents").forEach(function (contents) {
    var button = contents.querySelector("button"), here = contents.querySelector(".here");
    var links = Array.from(contents.querySelectorAll("a"));
    function show(open) {
      contents.classList.toggle("shut", !open);
      button.setAttribute("aria-expanded", String(open));
    }
    function mark() {
      var now = null;
      links.forEach(function (link) {
        var target = document.getElementById(link.getAttribute("href").slice(1));
        if (target && target.getBoundingClientRect().top < window.innerHeight / 3) now = link;
      });
      links.forEach(function (link) {
        if (link === now) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
      here.textContent = now ? now.textContent : "";
    }
    var waiting = false;
    window.addEventListener("scroll", function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(function () { waiting = false; mark(); });
    }, { passive: true });
    button.addEventListener("click", function () { show(contents.classList.contains("shut")); });
    links.forEach(function (link) { link.addEventListener("click", function () { show(false); }); });
    contents.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      show(false);
      button.focus();
    });
    show(false);
    mark();
  });
  var opened = [];
  window.addEventListener("beforeprint", function () {
    // The annex is printed where the reader has it open.
    opened = Array.from(document.querySelectorAll("details:not([open])")).filter(function (fold) {
      return !fold.closest(".annex:not([open])");
    });
    opened.forEach(function (fold) { fold.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (fold) { fold.open = false; });
  });
  var picker = document.getElementById("picker");
  if (picker) picker.addEventListener("change", function () {
    document.querySelectorAll("article").forEach(function (article) { article.hidden = article.id !== picker.value; });
    window.scrollTo(0, 0);
  });
}());
