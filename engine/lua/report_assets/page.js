// Draws the two charts of the report with uPlot from the data block of the page. Text goes in as text nodes and canvas
// text only. The arrow keys step through a chart that has the focus; what is under the cursor is read out below it.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var charts = [];

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function armColour(i) { return colour("--arm" + i % 8); }
  function figure(v) {
    if (v === null || v === undefined) { return "-"; }
    return Math.abs(v) >= 100 || Number.isInteger(v) ? String(Math.round(v)) : v.toFixed(3);
  }
  function axes(xLabel, yLabel, percent) {
    var base = { stroke: colour("--soft"), grid: { stroke: colour("--grid"), width: 1 },
      ticks: { stroke: colour("--grid"), width: 1 }, font: "12px system-ui, sans-serif",
      labelFont: "13px system-ui, sans-serif", labelSize: 22 };
    var y = Object.assign({}, base, { label: yLabel, size: 62 });
    if (percent) { y.values = function (u, list) { return list.map(function (v) { return Math.round(v * 100) + " %"; }); }; }
    return [Object.assign({}, base, { label: xLabel }), y];
  }
  function choice(id) {
    var element = document.getElementById(id);
    return element ? element.value : null;
  }

  // One chart in one box: rebuilt when a choice or the ground changes, resized with the page.
  function Chart(id, build) {
    this.box = document.getElementById(id);
    this.said = document.getElementById(id + "-said");
    this.build = build;
    this.at = -1;
    var self = this;
    this.box.addEventListener("keydown", function (event) { self.key(event); });
    new ResizeObserver(function () {
      if (self.plot && self.plot.width !== self.width()) { self.plot.setSize({ width: self.width(), height: 340 }); }
    }).observe(this.box);
    this.draw();
    charts.push(this);
  }
  Chart.prototype.width = function () { return Math.max(300, this.box.clientWidth); };
  Chart.prototype.draw = function () {
    if (this.plot) { this.plot.destroy(); }
    this.at = -1;
    this.made = this.build();
    this.made.options.width = this.width();
    this.made.options.height = 340;
    this.plot = new uPlot(this.made.options, this.made.data, this.box);
    this.box.dataset.marks = this.made.marks;
  };
  Chart.prototype.key = function (event) {
    var step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e9, End: 1e9 }[event.key];
    if (!step) { return; }
    event.preventDefault();
    var xs = this.made.data[0];
    this.at = Math.max(0, Math.min(xs.length - 1, this.at + step));
    var x = xs[this.at];
    var first = this.made.data.slice(1).map(function (s) { return s[this.at]; }, this).find(function (v) {
      return v !== null && v !== undefined;
    });
    this.plot.setCursor({ left: this.plot.valToPos(x, "x"), top: this.plot.valToPos(first || 0, "y") });
    this.said.textContent = this.made.say(this.at);
  };

  // ---- budget burn-down ----

  function shotAxes(channel) {
    var both = axes("shots made in a cell", "share of all ceilings (" + channel + ")", true);
    both[0].incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000, 100000];
    return both;
  }
  function burnDown() {
    var channel = choice("burn-channel") || Object.keys(data.burn)[0];
    var burn = data.burn[channel];
    var xs = [], series = [{ label: "shot" }], columns = [xs], marks = 0;
    for (var k = 0; k <= burn.shots; k++) { xs.push(k); }
    burn.curves.forEach(function (curve, i) {
      var stroke = armColour(i);
      var percent = function (u, v) { return v === null ? "-" : (v * 100).toFixed(1) + " %"; };
      series.push({ label: curve.arm + " spent", stroke: stroke, width: 2, points: { show: true, size: 6, fill: stroke }, value: percent });
      series.push({ label: curve.arm + " reserved", stroke: stroke, width: 1.5, dash: [6, 4], points: { show: false }, value: percent });
      columns.push(curve.spent, curve.reserved);
      marks += curve.spent.length + curve.reserved.length;
    });
    return {
      data: columns, marks: marks,
      options: { scales: { x: { time: false }, y: { range: [0, Math.max(1, Math.max.apply(null, columns.slice(1).flat())) * 1.03] } },
        series: series, axes: shotAxes(channel),
        cursor: { drag: { x: false, y: false } } },
      say: function (at) {
        return "After shot " + xs[at] + ": " + burn.curves.map(function (curve) {
          return curve.arm + " spent " + (curve.spent[at] * 100).toFixed(1) + " %, reserved "
            + (curve.reserved[at] * 100).toFixed(1) + " %";
        }).join("; ");
      }
    };
  }

  // ---- Pareto scatter ----

  function better(a, b, least) { return least ? a < b : a > b; }
  function dominated(p, points, leastX, leastY) {
    return points.some(function (q) {
      return q !== p && !better(p.x, q.x, leastX) && !better(p.y, q.y, leastY)
        && (better(q.x, p.x, leastX) || better(q.y, p.y, leastY));
    });
  }
  function whisker(u, x0, y0, x1, y1) {
    u.ctx.moveTo(u.valToPos(x0, "x", true), u.valToPos(y0, "y", true));
    u.ctx.lineTo(u.valToPos(x1, "x", true), u.valToPos(y1, "y", true));
  }
  // A name stands beside its dot, or below the names that stand there already.
  function labelAt(ctx, placed, name, x, y, height) {
    var width = ctx.measureText(name).width, from = ctx.textAlign === "right" ? x - width : x;
    function taken(q) { return from < q.to && q.from < from + width && Math.abs(q.y - y) < height; }
    for (var tries = 0; tries < 20 && placed.some(taken); tries++) { y += height / 2; }
    placed.push({ from: from, to: from + width, y: y });
    ctx.fillText(name, x, y);
  }
  // The front is a staircase: what lies under it is beaten by a point of it.
  function drawMarks(u, points, front, least) {
    var ctx = u.ctx, ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.lineWidth = 1.5 * ratio;
    ctx.strokeStyle = colour("--soft");
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.beginPath();
    for (var i = 1; i < front.length; i++) {
      var corner = least ? front[i - 1].y : front[i].y;
      whisker(u, front[i - 1].x, front[i - 1].y, least ? front[i].x : front[i - 1].x, corner);
      whisker(u, least ? front[i].x : front[i - 1].x, corner, front[i].x, front[i].y);
    }
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.font = 13 * ratio + "px system-ui, sans-serif";
    var placed = [];
    points.forEach(function (p) {
      ctx.strokeStyle = ctx.fillStyle = armColour(p.index);
      ctx.beginPath();
      if (p.ci) { whisker(u, p.x, p.ci[0], p.x, p.ci[1]); }
      ctx.stroke();
      var right = u.valToPos(p.x, "x", true) > u.bbox.left + u.bbox.width * 0.8;
      ctx.textAlign = right ? "right" : "left";
      labelAt(ctx, placed, p.name, u.valToPos(p.x, "x", true) + (right ? -10 : 10) * ratio,
        u.valToPos(p.y, "y", true) - 8 * ratio, 15 * ratio);
    });
    ctx.restore();
  }
  function spread(low, high) {
    var pad = Math.max((high - low) * 0.15, Math.abs(high) * 0.05) || 0.1; // no magnifying glass on equal arms
    return [low - pad, high + pad];
  }
  function scatter() {
    var xm = data.measures[choice("scatter-x") || 0], ym = data.measures[choice("scatter-y") || data.score];
    var points = [];
    data.arms.forEach(function (arm, i) {
      var x = arm.values[xm.key], y = arm.values[ym.key];
      if (x && y) { points.push({ name: arm.name, index: i, diagnostic: arm.diagnostic === true, x: x.mean, y: y.mean, ci: y.ci || null }); }
    });
    points.sort(function (a, b) { return a.x - b.x; });
    var arms = points.filter(function (p) { return !p.diagnostic; });
    var front = arms.filter(function (p) { return !dominated(p, arms, xm.least, ym.least); });
    var ys = [];
    points.forEach(function (p) { ys.push(p.y); if (p.ci) { ys.push(p.ci[0], p.ci[1]); } });
    var xs = points.map(function (p) { return p.x; });
    var series = [{ label: xm.label, value: function (u, v) { return figure(v); } }], columns = [xs];
    points.forEach(function (p, k) {
      var c = armColour(p.index);
      series.push({ label: p.name, stroke: c, paths: function () { return null; },
        points: { show: true, size: 11, width: 2, fill: p.diagnostic ? colour("--ground") : c, stroke: c }, value: function (u, v) { return figure(v); } });
      columns.push(xs.map(function (x, j) { return j === k ? p.y : null; }));
    });
    return {
      data: columns, marks: points.length,
      options: { series: series, axes: axes(xm.label, ym.label, false), cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false, range: spread(Math.min.apply(null, xs), Math.max.apply(null, xs)) },
          y: { range: spread(Math.min.apply(null, ys), Math.max.apply(null, ys)) } },
        hooks: { drawAxes: [function (u) { drawMarks(u, points, front, xm.least); }] } },
      say: function (at) {
        var p = points[at];
        return p.name + ": " + xm.label + " " + figure(p.x) + ", " + ym.label + " " + figure(p.y)
          + (p.diagnostic ? ", a diagnostic" : front.indexOf(p) >= 0 ? ", on the front" : ", dominated");
      }
    };
  }

  function start(id, build, choices) {
    if (!document.getElementById(id)) { return; }
    var chart = new Chart(id, build);
    choices.forEach(function (name) {
      var element = document.getElementById(name);
      if (element) { element.addEventListener("change", function () { chart.draw(); }); }
    });
  }
  start("burn", burnDown, ["burn-channel"]);
  start("scatter", scatter, ["scatter-x", "scatter-y"]);
  dark.addEventListener("change", function () { charts.forEach(function (chart) { chart.draw(); }); });
})();
