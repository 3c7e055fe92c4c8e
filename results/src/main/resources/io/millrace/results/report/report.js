// Reads out the figures under the pointer. The page is complete without it.
(function () {
  'use strict';
  document.querySelectorAll('svg[data-hover]').forEach(function (svg) {
    var points = JSON.parse(svg.getAttribute('data-hover'));
    var box = svg.viewBox.baseVal;
    var figure = svg.closest('figure');
    var guide = document.createElementNS(svg.namespaceURI, 'line');
    var tip = document.createElement('div');
    guide.setAttribute('class', 'guide');
    guide.setAttribute('y1', 24);
    guide.setAttribute('y2', box.height - 42);
    tip.className = 'tip';

    function hide() {
      guide.remove();
      tip.remove();
    }

    function show(event) {
      var area = svg.getBoundingClientRect();
      var x = (event.clientX - area.left) / area.width * box.width;
      var best = points.reduce(function (a, b) { return Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a; });
      guide.setAttribute('x1', best.x);
      guide.setAttribute('x2', best.x);
      svg.appendChild(guide);
      tip.textContent = '';
      var head = document.createElement('b');
      head.textContent = best.l;
      tip.appendChild(head);
      best.v.forEach(function (pair) {
        var row = document.createElement('span');
        var name = document.createElement('em');
        name.textContent = pair[0] + ': ';
        row.appendChild(name);
        row.appendChild(document.createTextNode(pair[1]));
        tip.appendChild(row);
      });
      figure.appendChild(tip);
      var outer = figure.getBoundingClientRect();
      var at = area.left - outer.left + best.x / box.width * area.width;
      var left = at + 14 + tip.offsetWidth > outer.width ? at - 14 - tip.offsetWidth : at + 14;
      tip.style.left = Math.max(0, Math.min(left, outer.width - tip.offsetWidth)) + 'px';
      tip.style.top = Math.max(0, Math.min(event.clientY - outer.top - tip.offsetHeight / 2,
        outer.height - tip.offsetHeight)) + 'px';
    }

    svg.addEventListener('pointermove', show);
    svg.addEventListener('pointerdown', show);
    svg.addEventListener('pointerleave', hide);
  });
})();
