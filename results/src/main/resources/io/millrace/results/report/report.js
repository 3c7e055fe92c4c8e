// Reads out figures under the pointer, zooms the timeline, switches the theme, saves the figures. The page is complete
// without it.
(function () {
  'use strict';
  var data = window.millrace;
  var SVG = (document.querySelector('svg') || {}).namespaceURI;
  var zoom = {from: 0, to: 1}; // shares of the timeline's axis

  function element(name, text, parent) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (parent) { parent.appendChild(made); }
    return made;
  }

  // ---- figures under the pointer
  function place(svg, x) { // a place on the drawing to where it is shown while zoomed
    var pane = svg.querySelector('.zoom');
    if (!pane || !svg.classList.contains('timeline')) { return x; }
    var left = +pane.getAttribute('x');
    var width = +pane.getAttribute('width');
    return left + ((x - left) / width - zoom.from) / (zoom.to - zoom.from) * width;
  }

  document.querySelectorAll('svg[data-hover]').forEach(function (svg) {
    var points = JSON.parse(svg.getAttribute('data-hover'));
    var box = svg.viewBox.baseVal;
    var figure = svg.closest('figure');
    var guide = document.createElementNS(SVG, 'line');
    var tip = document.createElement('div');
    var at = -1;
    guide.setAttribute('class', 'guide');
    guide.setAttribute('y1', 24);
    guide.setAttribute('y2', box.height - 42);
    tip.className = 'tip';
    svg.setAttribute('tabindex', '0');

    function hide() {
      guide.remove();
      tip.remove();
      at = -1;
    }

    function read(index, y) {
      var best = points[index];
      var shown = place(svg, best.x);
      at = index;
      guide.setAttribute('x1', shown);
      guide.setAttribute('x2', shown);
      svg.appendChild(guide);
      tip.textContent = '';
      element('b', best.l, tip);
      best.v.forEach(function (pair) {
        var row = element('span', '', tip);
        element('em', pair[0] + ': ', row);
        row.appendChild(document.createTextNode(pair[1]));
      });
      figure.appendChild(tip);
      var area = svg.getBoundingClientRect();
      var outer = figure.getBoundingClientRect();
      var x = area.left - outer.left + shown / box.width * area.width;
      var left = x + 14 + tip.offsetWidth > outer.width ? x - 14 - tip.offsetWidth : x + 14;
      tip.style.left = Math.max(0, Math.min(left, outer.width - tip.offsetWidth)) + 'px';
      tip.style.top = Math.max(0, Math.min(y - outer.top - tip.offsetHeight / 2,
        outer.height - tip.offsetHeight)) + 'px';
    }

    function show(event) {
      var area = svg.getBoundingClientRect();
      var x = (event.clientX - area.left) / area.width * box.width;
      var best = 0;
      points.forEach(function (point, i) {
        if (Math.abs(place(svg, point.x) - x) < Math.abs(place(svg, points[best].x) - x)) { best = i; }
      });
      read(best, event.clientY);
    }

    svg.addEventListener('pointermove', show);
    svg.addEventListener('pointerdown', show);
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', function (event) {
      var step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (event.key === 'Escape') { hide(); }
      if (step) {
        event.preventDefault();
        var middle = svg.getBoundingClientRect();
        read(Math.max(0, Math.min(points.length - 1, at < 0 ? 0 : at + step)), middle.top + middle.height / 2);
      }
    });
  });

  // ---- percentiles of any stretch of time, from the histograms of its steps
  function unpack(row) {
    var counts = [];
    var bucket = row[1];
    for (var i = 2; i < row.length; i++) {
      if (row[i] < 0) { bucket -= row[i]; } else { counts.push([bucket++, row[i]]); }
    }
    return {max: row[0], counts: counts};
  }

  function time(ns) {
    if (!isFinite(ns)) { return '–'; }
    var units = [[1e9, ' s'], [1e6, ' ms'], [1e3, ' µs'], [1, ' ns']];
    var unit = units.filter(function (u) { return ns >= 0.9995 * u[0]; })[0] || units[3];
    var value = ns / unit[0];
    return (unit[0] === 1 ? value.toFixed(0) : value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1)
      : value.toFixed(0)) + unit[1];
  }

  function summary(side, from, to) {
    var sums = {};
    var total = 0;
    var max = 0;
    side.unpacked.slice(from, to).forEach(function (step) {
      max = Math.max(max, step.max);
      step.counts.forEach(function (pair) {
        sums[pair[0]] = (sums[pair[0]] || 0) + pair[1];
        total += pair[1];
      });
    });
    var buckets = Object.keys(sums).map(Number).sort(function (a, b) { return a - b; });
    return {
      total: total, max: total ? max : NaN,
      at: function (q) {
        if (total * (1 - q) < 10 - 1e-6) { return NaN; } // fewer than ten beyond it: not given
        var rank = Math.ceil(total * q - 1e-6);
        var seen = 0;
        for (var i = 0; i < buckets.length; i++) {
          seen += sums[buckets[i]];
          if (seen >= rank) { return Math.min(max, Math.pow(2, (buckets[i] + 0.5) / data.buckets_per_doubling)); }
        }
        return max;
      }
    };
  }

  function ticks(from, to, wanted) {
    var power = Math.pow(10, Math.floor(Math.log10((to - from) / wanted)));
    var step = [1, 2, 5, 10].map(function (f) { return f * power; }).filter(function (s) {
      return s >= (to - from) / wanted;
    })[0];
    var all = [];
    for (var t = Math.ceil(from / step - 1e-9) * step; t <= to + 1e-9; t += step) { all.push(+t.toFixed(6)); }
    return all;
  }

  // ---- marks of events, drawn as EventMarks.java draws them, for the stretch that is shown
  function drawn(name, attributes, parent, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text) { made.textContent = text; }
    parent.appendChild(made);
    return made;
  }

  function describe(cluster) {
    var counts = {};
    var longest = {};
    cluster.forEach(function (event) {
      counts[event[2]] = (counts[event[2]] || 0) + 1;
      longest[event[2]] = Math.max(longest[event[2]] || 0, event[3]);
    });
    var kinds = Object.keys(counts);
    var from = cluster[0][1].toFixed(1);
    var to = cluster[cluster.length - 1][1].toFixed(1);
    return data.sides[cluster[0][0]].label + ', ' + (from === to ? from : from + ' to ' + to) + ' s: '
      + kinds.slice(0, 4).map(function (kind) {
        return (counts[kind] > 1 ? counts[kind] + ' × ' : '') + data.events.kinds[kind]
          + (longest[kind] ? ' (' + (counts[kind] > 1 ? 'longest ' : '') + time(longest[kind]) + ')' : '');
      }).join('; ') + (kinds.length > 4 ? '; and ' + (kinds.length - 4) + ' other kinds' : '');
  }

  function mark(group, cluster, x, left, y, bottom) {
    var leg = cluster[0][0];
    var width = Math.max(15, 7 * String(cluster.length).length + 8);
    var mean = cluster.reduce(function (sum, event) { return sum + x(event[1]); }, 0) / cluster.length;
    var middle = Math.max(left + width / 2 + 1, Math.min(left + 31 - width / 2, mean)); // within its cell
    cluster.forEach(function (event) {
      if (event[4]) {
        drawn('line', {'class': 'event leg' + leg, x1: x(event[1]), x2: x(event[1]), y1: y, y2: bottom}, group);
      }
    });
    var made = drawn('g', {'class': 'cluster'}, group);
    drawn('title', {}, made, describe(cluster));
    if (cluster.length === 1) {
      drawn('circle', {'class': 'mark leg' + leg, cx: middle, cy: y, r: 5.5}, made);
    } else {
      drawn('rect', {'class': 'pill leg' + leg, x: middle - width / 2, y: y - 7.5, width: width, height: 15, rx: 7.5}, made);
      drawn('text', {'class': 'pill-text', 'text-anchor': 'middle', x: middle, y: y + 4}, made, String(cluster.length));
    }
  }

  function marks(svg, left, width, fromS, toS) {
    var group = svg.querySelector('.marks');
    if (!group || !data.events) { return; }
    group.textContent = '';
    var legs = [];
    data.events.list.forEach(function (event) { (legs[event[0]] = legs[event[0]] || []).push(event); });
    var lane = 0;
    function x(s) { return left + (s - fromS) / (toS - fromS) * width; }
    function cell(event) { return Math.floor((x(event[1]) - left) / 32); }
    legs.forEach(function (events) {
      var y = 2 + (lane++ + 0.5) * 18;
      var cluster = [];
      events.filter(function (event) { return event[1] >= fromS && event[1] <= toS; })
        .sort(function (a, b) { return a[1] - b[1]; }).forEach(function (event) {
          if (cluster.length && cell(event) !== cell(cluster[0])) {
            mark(group, cluster, x, left + 32 * cell(cluster[0]), y, svg.viewBox.baseVal.height - 56);
            cluster = [];
          }
          cluster.push(event);
        });
      if (cluster.length) {
        mark(group, cluster, x, left + 32 * cell(cluster[0]), y, svg.viewBox.baseVal.height - 56);
      }
    });
  }

  function timeline() {
    var panel = document.getElementById('window');
    var drawings = document.querySelectorAll('svg.timeline');
    if (!panel || !drawings.length || !data || !data.sides.length) { return; }
    data.sides.forEach(function (side) { side.unpacked = side.steps.map(unpack); });
    var stepCount = Math.round(data.length_s / data.step_s);
    var from = 0;
    var to = stepCount;
    var head = element('div', '', panel);
    head.className = 'head';
    var words = element('strong', '', head);
    words.setAttribute('aria-live', 'polite');
    var all = element('button', 'Show all', head);
    all.type = 'button';
    var range = element('div', '', panel);
    range.className = 'range';

    function slider(name) {
      var label = element('label', name, range);
      var input = element('input', '', range);
      input.type = 'range';
      input.min = 0;
      input.max = stepCount;
      input.id = 'window-' + name;
      label.htmlFor = input.id;
      return {input: input, shown: element('span', '', range)};
    }

    var first = slider('from');
    var last = slider('to');
    var scroll = element('div', '', panel);
    scroll.className = 'scroll';
    var table = element('table', '', scroll);
    element('caption', 'Response time in the stretch shown, read anew from its histograms (to 2 %)', table);
    var row = element('tr', '', element('thead', '', table));
    ['', 'records', 'p50', 'p90', 'p99', 'p99.9', 'max'].forEach(function (name) {
      element('th', name, row).scope = 'col';
    });
    var body = element('tbody', '', table);

    function update() {
      zoom.from = from / stepCount;
      zoom.to = to / stepCount;
      first.input.value = from;
      last.input.value = to;
      first.shown.textContent = from * data.step_s + ' s';
      last.shown.textContent = to * data.step_s + ' s';
      words.textContent = from === 0 && to === stepCount ? 'Drag across the timeline to zoom'
        : 'Seconds ' + from * data.step_s + ' to ' + to * data.step_s;
      all.disabled = from === 0 && to === stepCount;
      body.textContent = '';
      data.sides.forEach(function (side, i) {
        var sum = summary(side, from, to);
        var line = element('tr', '', body);
        var name = element('th', '', line);
        name.scope = 'row';
        element('i', '', name).className = 'key k' + i % 6;
        name.appendChild(document.createTextNode(side.label));
        [sum.total.toLocaleString('en'), time(sum.at(0.5)), time(sum.at(0.9)), time(sum.at(0.99)), time(sum.at(0.999)),
          time(sum.max)].forEach(function (cell) { element('td', cell, line); });
      });
      drawings.forEach(function (svg) {
        var height = svg.viewBox.baseVal.height;
        var left = 0;
        var width = 1;
        svg.querySelectorAll('.zoom').forEach(function (pane) {
          left = +pane.getAttribute('x');
          width = +pane.getAttribute('width');
          pane.setAttribute('viewBox', (left + zoom.from * width) + ' 0 ' + (zoom.to - zoom.from) * width + ' ' + height);
        });
        marks(svg, left, width, from * data.step_s, to * data.step_s);
        var group = svg.querySelector('.xticks');
        var y = group.firstChild ? group.firstChild.getAttribute('y') : height - 30;
        group.textContent = '';
        ticks(from * data.step_s, to * data.step_s, width > 500 ? 12 : 6).forEach(function (tick) {
          var text = document.createElementNS(SVG, 'text');
          text.setAttribute('class', 'tick');
          text.setAttribute('text-anchor', 'middle');
          text.setAttribute('y', y);
          text.setAttribute('x', left + (tick / data.step_s - from) / (to - from) * width);
          text.textContent = tick;
          group.appendChild(text);
        });
      });
    }

    function show(a, b) {
      from = Math.max(0, Math.min(stepCount - 1, Math.min(a, b)));
      to = Math.max(from + 1, Math.min(stepCount, Math.max(a, b)));
      update();
    }

    first.input.addEventListener('input', function () { show(Math.min(+first.input.value, to - 1), to); });
    last.input.addEventListener('input', function () { show(from, Math.max(+last.input.value, from + 1)); });
    all.addEventListener('click', function () { show(0, stepCount); });

    drawings.forEach(function (svg) {
      var pane = svg.querySelector('.zoom');
      var left = +pane.getAttribute('x');
      var width = +pane.getAttribute('width');
      var brush = document.createElementNS(SVG, 'rect');
      var start = null;
      brush.setAttribute('class', 'brush');
      brush.setAttribute('y', 30);
      brush.setAttribute('height', svg.viewBox.baseVal.height - 72);

      function x(event) {
        var area = svg.getBoundingClientRect();
        var at = (event.clientX - area.left) / area.width * svg.viewBox.baseVal.width;
        return Math.max(left, Math.min(left + width, at));
      }

      function step(at) { return Math.round(from + (at - left) / width * (to - from)); }

      svg.addEventListener('pointerdown', function (event) { start = x(event); });
      svg.addEventListener('pointermove', function (event) {
        if (start !== null && Math.abs(x(event) - start) > 4) {
          brush.setAttribute('x', Math.min(start, x(event)));
          brush.setAttribute('width', Math.abs(x(event) - start));
          svg.appendChild(brush);
        }
      });
      svg.addEventListener('pointerup', function (event) {
        if (start !== null && Math.abs(x(event) - start) > 4) { show(step(start), step(x(event))); }
        start = null;
        brush.remove();
      });
      svg.addEventListener('pointerleave', function () {
        start = null;
        brush.remove();
      });
      svg.addEventListener('dblclick', function () { show(0, stepCount); });
    });
    panel.hidden = false;
    update();
  }

  // ---- theme and figures
  function tools() {
    var bar = document.querySelector('.tools');
    var theme = element('button', '', bar);
    var save = element('button', 'Save figures (JSON)', bar);
    var root = document.documentElement;

    function isDark() {
      return root.dataset.theme ? root.dataset.theme === 'dark'
        : window.matchMedia('(prefers-color-scheme: dark)').matches;
    }

    function name() { theme.textContent = isDark() ? 'Light' : 'Dark'; }

    if (location.hash === '#dark' || location.hash === '#light') { root.dataset.theme = location.hash.slice(1); }
    theme.type = 'button';
    theme.setAttribute('aria-label', 'Switch between light and dark');
    theme.addEventListener('click', function () {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      name();
    });
    save.type = 'button';
    save.addEventListener('click', function () {
      var link = document.createElement('a');
      var blob = new Blob([JSON.stringify(data.report, null, 2)], {type: 'application/json'});
      link.href = URL.createObjectURL(blob);
      link.download = 'report.json';
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
    name();
    bar.hidden = false;
  }

  tools();
  timeline();
})();
