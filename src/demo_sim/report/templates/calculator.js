"use strict";
(function () {
  // A figure between the amounts that the run worked out: straight between neighbours, one lever after the other.
  function between(figure, column, state) {
    var corners = [[0, 1]];
    figure.axes.forEach(function (axis, i) {
      var last = axis.length - 1;
      var amount = Math.min(Math.max(state[figure.levers[i]] || 0, axis[0]), axis[last]);
      var at = 0;
      while (at < last - 1 && amount >= axis[at + 1]) at += 1;
      var part = last ? (amount - axis[at]) / (axis[at + 1] - axis[at]) : 0;
      var next = [];
      corners.forEach(function (corner) {
        var place = corner[0] * axis.length + at;
        if (part < 1) next.push([place, corner[1] * (1 - part)]);
        if (part > 0) next.push([place + 1, corner[1] * part]);
      });
      corners = next;
    });
    return corners.reduce(function (sum, corner) { return sum + corner[1] * column[corner[0]]; }, 0);
  }

  // A share is carried as its two parts and divided here.
  function worked(figure, state) {
    var level = between(figure, figure.level, state);
    var value = figure.whole ? level / between(figure, figure.whole, state) : between(figure, figure.value, state);
    return { level: level, value: value, edge: between(figure, figure.edge, state) };
  }

  function shown(number, unit) {
    if (number === null || !Number.isFinite(number)) return "—";
    if (unit.kind === "share") return (100 * number).toFixed(2) + "%";
    var digits = unit.kind === "count" ? 0 : 2;
    return number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  // The level on the side that meets the target, in steps that can be told apart.
  function rounded(edge, figure) {
    var per = figure.levelUnit.kind === "count" ? 1 : 10000, slack = 1e-9 * Math.max(Math.abs(edge * per), 1);
    return figure.operator === "<=" ? Math.floor(edge * per + slack) / per : Math.ceil(edge * per - slack) / per;
  }

  function lacks(found, figure) {
    var most = figure.operator === "<=" ? found.level - found.edge : found.edge - found.level;
    return most > 1e-9 * Math.max(Math.abs(found.edge), 1) ? most : 0;
  }

  function number(value) { return String(Number(value.toPrecision(12))); }

  // Values by year; of a run of equal ones the first and the last, between which a scenario keeps them.
  function byYear(values, first) {
    var years = values.map(function (value, i) { return [first + i, number(value)]; });
    return years.filter(function (pair, i) {
      var before = years[i - 1], after = years[i + 1];
      return !(before && after && before[1] === pair[1] && after[1] === pair[1]);
    }).map(function (pair) { return pair[0] + ": " + pair[1]; }).join(", ");
  }

  function settingsOf(stock, state) {
    var moved = stock.levers.some(function (lever) { return state[lever.id]; });
    var paths = {};
    stock.settings.forEach(function (setting) {
      var path = paths[setting.path] = paths[setting.path] || { all: [], needed: false };
      path.all.push(setting);
      path.needed = path.needed || (moved && (setting.new || Boolean(state[setting.lever])));
    });
    return Object.keys(paths).filter(function (path) { return paths[path].needed; }).map(function (path) {
      return { key: path.split(".").pop(), all: paths[path].all };
    });
  }

  function scenario(data, state, say) {
    var lines = say.head.slice();
    data.overrides.forEach(function (text) { lines.push("# --set " + text); });
    lines.push("extends: " + JSON.stringify(data.extends), "name: " + JSON.stringify(data.name + "-measures"));
    lines.push("title: {" + Object.keys(data.title).map(function (lang) {
      return lang + ": " + JSON.stringify(data.title[lang] + say.tail[lang]);
    }).join(", ") + "}", "supply:");
    var any = false;
    data.stocks.forEach(function (stock) {
      var settings = settingsOf(stock, state);
      if (!settings.length) return;
      any = true;
      lines.push("  " + stock.id + ":");
      settings.forEach(function (setting) {
        lines.push("    " + setting.key + ":", "      value:");
        setting.all.forEach(function (one) {
          var more = state[one.lever] || 0;
          var values = one.values.map(function (value, i) {
            var year = one.first + i;
            return one.span && year >= one.span[0] && year <= one.span[1] ? value + more : value;
          });
          var path = byYear(values, one.first);
          if (one.name) lines.push("        " + one.name + ": {" + path + "}");
          else lines[lines.length - 1] = "      value: {" + path + "}";
        });
        lines.push("      source: " + JSON.stringify(say.source), "      status: assumed");
      });
    });
    if (!any) lines[lines.length - 1] = "supply: {}";
    return lines.join("\n") + "\n";
  }

  document.querySelectorAll(".calculator").forEach(function (box) {
    var data = JSON.parse(box.dataset.levers), say = JSON.parse(box.dataset.say), state = {};
    var levers = {};
    data.stocks.forEach(function (stock) {
      stock.levers.forEach(function (lever) { levers[lever.id] = lever; });
    });
    var text = box.querySelector("textarea");

    function fill() {
      box.querySelectorAll("tr[data-figure]").forEach(function (row) {
        var figure = data.figures[Number(row.dataset.figure)], found = worked(figure, state), lack = lacks(found, figure);
        row.dataset.level = found.level;
        row.dataset.value = found.value;
        row.dataset.edge = found.edge;
        var edge = rounded(found.edge, figure);
        row.querySelector(".level").textContent = shown(found.level, figure.levelUnit);
        row.querySelector(".edge").textContent = shown(edge, figure.levelUnit);
        var gap = row.querySelector(".gap");
        gap.textContent = lack ? say.lack + shown(Math.abs(edge - found.level), figure.levelUnit)
          : say.left + shown(Math.abs(found.level - found.edge), figure.levelUnit);
        gap.className = "num gap " + (lack ? "missed" : "met");
        var value = row.querySelector(".value");
        if (value) value.textContent = figure.target === null ? "—" : shown(found.value, figure.unit);
      });
      box.querySelectorAll(".stock").forEach(function (stock) {
        var rows = Array.from(stock.querySelectorAll("tr[data-figure]"));
        var met = rows.filter(function (row) { return row.querySelector(".gap.met"); }).length;
        var told = say.status.replace("{n}", rows.length).replace("{m}", met);
        var status = stock.querySelector("[role=status]");
        if (status.textContent !== told) status.textContent = told;
      });
      text.value = scenario(data, state, say);
    }

    function set(id, amount) {
      var lever = levers[id];
      amount = Math.min(Math.max(Number.isFinite(amount) ? amount : 0, 0), lever.most);
      state[id] = amount / lever.scale;
      return amount;
    }

    box.querySelectorAll("[data-lever]").forEach(function (input) {
      var id = input.dataset.lever;
      var both = box.querySelectorAll("[data-lever='" + id + "']");
      input.addEventListener("input", function () {
        var amount = set(id, input.valueAsNumber);
        both.forEach(function (other) { if (other !== input) other.value = String(amount); });
        fill();
      });
      input.addEventListener("change", function () { input.value = String(state[id] * levers[id].scale); });
    });
    box.querySelector("[data-do=reset]").addEventListener("click", function () {
      state = {};
      box.querySelectorAll("[data-lever]").forEach(function (input) { input.value = "0"; });
      fill();
    });
    box.querySelector("[data-do=yaml]").addEventListener("click", function () {
      var file = document.createElement("a");
      file.href = URL.createObjectURL(new Blob([text.value], { type: "text/yaml" }));
      file.download = data.name + "-measures.yaml";
      file.click();
      URL.revokeObjectURL(file.href);
    });
    box.querySelector("[data-do=copy]").addEventListener("click", function () {
      text.select();
      document.execCommand("copy");
    });
    fill();
  });
}());
